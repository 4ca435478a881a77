"""Draws the pictures of the README from a finished comparison report: `make pictures`, which needs chromium."""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 1280, 1000
ROOM = 16  # pixels above and below


def main(report: Path) -> None:
    """Write `report-top.png` and `report-pairs.png` beside this file.

    Args:
        report: A `comparison_report.html` made from the data set that ships.
    """
    program = shutil.which("chromium")
    if program is None:
        sys.exit("Error: there is no chromium on this machine; install it first")
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=sandbox)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(report.resolve().as_uri() + "#outcome=moved-wrong")
        page.locator("#pairs-table tbody tr").first.wait_for()
        page.evaluate("scrollTo(0, 0)")
        _shoot(page, "report-top.png", "header", "header")
        page.evaluate("document.querySelector('#pairs .filters').scrollIntoView()")
        page.locator("#across-umap .plot[data-drawn] .main-svg").first.wait_for()
        page.locator("#pairs-table tbody th button").first.click()
        _shoot(page, "report-pairs.png", "#pairs .filters", ".bench-maps")
        browser.close()


def _shoot(page: Page, name: str, first: str, last: str) -> None:
    """Save the strip of the window from the top of one element to the end of another."""
    begin, end = page.locator(first).first.bounding_box(), page.locator(last).first.bounding_box()
    if begin is None or end is None:
        sys.exit(f"Error: {first} or {last} is not on the page; was it made by this version?")
    top = max(0, begin["y"] - ROOM)
    clip = {"x": 0, "y": top, "width": WIDTH, "height": end["y"] + end["height"] + ROOM - top}
    # without the full page: a chart out of sight is not drawn
    picture = Image.open(io.BytesIO(page.screenshot(clip=clip)))
    # a palette is a third of the size, and a page of text needs no more colours
    picture.convert("RGB").quantize(20).save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
