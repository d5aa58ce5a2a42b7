"""Rows of the register as files: what stands in them, and each format."""
