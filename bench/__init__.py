"""Measurements against floors in the same run: `python -m bench`."""
