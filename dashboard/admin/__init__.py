"""Admin pages that span rooms: cases and the people who work on them."""

from dashboard.admin import cases, people

__all__ = ["cases", "people"]
