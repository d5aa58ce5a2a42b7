"""Admin pages that span rooms: cases, imports and the people who work on them."""

from dashboard.admin import cases, imports, intake, people, revisions, rulings

__all__ = ["cases", "imports", "intake", "people", "revisions", "rulings"]
