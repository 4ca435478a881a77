"""The browser and the pages of `test_browser.py`, for every test of this folder that looks at a page."""

from __future__ import annotations

from tests.system.test_browser import browser, files, usual_pages, visit

__all__ = ["browser", "files", "usual_pages", "visit"]
