"""Admin pages that span rooms: cases and the people who work on them."""

from dashboard.admin import cases, intake, people, rulings

__all__ = ["cases", "intake", "people", "rulings"]
