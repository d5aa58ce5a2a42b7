"""What is being funded: the list with its filters, and one project."""

from dashboard.pages.projects.listing import project_list, sector_page, state_page
from dashboard.pages.projects.page import project_page

__all__ = ["project_list", "project_page", "sector_page", "state_page"]
