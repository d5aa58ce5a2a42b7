"""Performance and returns: what every investment paid out, who got it, and a what-if."""
