"""What a reader waits for, and whether everyone can read it: a report in Chromium, checked.

    python -m benchmarks.page PAGE.html [--axe PATH/axe.min.js]

Prints one line a check and exits with 1 where one fails: size, requests, security policy, first paint and time until
charts can be drawn, on this processor and on one that is four times as slow. With axe-core, which checks accessibility,
also its serious and critical findings, light and dark, at 360 and 1,280 pixels. It is found below `node_modules` after
`npm install --no-save axe-core`; it is not part of the project.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from rich.console import Console

from src.report.pdf import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

LARGEST = {False: 5_000_000, True: 3_000_000}  # bytes, by whether there are at most SMALL pairs
SMALL = 300
FIRST_PAINT, READY = 0.5, 2.5  # seconds
SLOWER = 4
WIDTHS, SCHEMES = (360, 1280), ("light", "dark")
# A browser that is watched asks where each function of the chart library stands, and V8 parses it again to say so. A
# reader's browser does not ask; with this flag V8 notes the places at once.
AS_UNWATCHED = "--js-flags=--no-enable-lazy-source-positions"
AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
REFUSED = ("serious", "critical")
console = Console(soft_wrap=True, highlight=False)


class Check(NamedTuple):
    """What was looked at, what was found, and whether that is good."""

    name: str
    found: str
    good: bool


class Times(NamedTuple):
    """Seconds after the start of the page."""

    first_paint: float
    ready: float


@click.command()
@click.argument("page", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--axe", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="axe.min.js of axe-core.")
def main(page: Path, axe: Path | None) -> None:
    """Check one report."""
    axe = axe or find_axe()
    all_good = True
    for check in checks(page, axe):
        all_good = all_good and check.good
        console.print(f"{'good' if check.good else 'BAD '}  {check.name}: {check.found}", markup=False)
    if axe is None:
        console.print("left out: axe-core was not found; npm install --no-save axe-core, or give --axe")
    raise SystemExit(not all_good)


def checks(page: Path, axe: Path | None) -> Iterator[Check]:
    """Every check of one report, as soon as it is known."""
    yield size_check(page)
    yield policy_check(page.read_text(encoding="utf-8"))
    with browser() as chrome:
        yield requests_check(chrome, page)
        yield from time_checks(chrome, page)
        if axe is not None:
            yield from (axe_check(chrome, page, axe, scheme, width) for scheme in SCHEMES for width in WIDTHS)


def find_axe() -> Path | None:
    """Where axe-core lies in the project's folder; None where it does not."""
    return AXE if AXE.is_file() else None


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium.

    Raises:
        UsageError: There is none on this machine.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a test imports this file without it

    program = chromium()
    if program is None:
        raise click.UsageError("there is no Chromium on this machine")
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=shutil.which(program), args=[AS_UNWATCHED, *sandbox])
        yield chrome
        chrome.close()


def size_check(page: Path) -> Check:
    """Bytes; a page of few pairs may have fewer."""
    listed = re.search(r'id="pair-data">.*?"n":(\d+)', page.read_text(encoding="utf-8"), re.DOTALL)
    most = LARGEST[listed is not None and int(listed[1]) <= SMALL]
    size = page.stat().st_size
    return Check("size", f"{size:,} bytes, at most {most:,}", size <= most)


def policy_check(html: str) -> Check:
    """Whether the policy lets only scripts run whose hashes it names, and each script of the page is one of them."""
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    if policy is None:
        return Check("security policy", "none", good=False)
    allowed = re.search(r"script-src ([^;]*)", policy[1].replace("&#39;", "'"))
    sources = set(allowed[1].split()) if allowed else set()
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    own = {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts}
    good = policy[1].startswith("default-src &#39;none&#39;") and own <= sources
    good = good and all(source.startswith("'sha256-") for source in sources)
    return Check("security policy", f"{len(sources)} hashes, {len(scripts)} script that runs by itself", good)


def requests_check(chrome: Browser, page: Path) -> Check:
    """What the page asks for beside itself while its charts are made ready, and of what the browser complains."""
    visited = chrome.new_page()
    asked: list[str] = []
    visited.on("request", lambda request: asked.append(request.url))
    visited.on("console", lambda message: asked.append(message.text))
    visited.on("pageerror", lambda error: asked.append(str(error)))
    _open(visited, page)
    visited.close()
    others = [url for url in asked[1:] if not url.startswith("blob:")]
    return Check("requests and complaints", "; ".join(others) or "none", not others)


def time_checks(chrome: Browser, page: Path) -> Iterator[Check]:
    """First paint and readiness, here and on a slower processor."""
    for slower in (1, SLOWER):
        where = "this processor" if slower == 1 else f"{slower} times as slow"
        times = time_to_read(chrome, page, slower)
        for name, seconds, most in (("first paint", times.first_paint, FIRST_PAINT), ("ready", times.ready, READY)):
            yield Check(f"{name}, {where}", f"{seconds:.2f} s, at most {most}", seconds <= most)


def time_to_read(chrome: Browser, page: Path, slower: int) -> Times:
    """Seconds until something is painted, and until the chart library can draw.

    Args:
        chrome: The browser.
        page: The report.
        slower: How many times as slow the processor is made.
    """
    visited = chrome.new_page()
    visited.context.new_cdp_session(visited).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    visited.add_init_script(
        "new MutationObserver((_, own) => { if (!document.documentElement.classList.contains('charts-ready')) return;"
        "performance.mark('ready'); own.disconnect(); }).observe(document, { attributes: true, subtree: true });"
    )
    _open(visited, page)
    names = ("first-contentful-paint", "ready")
    paint, ready = (visited.evaluate("name => performance.getEntriesByName(name)[0].startTime", name) for name in names)
    visited.close()
    return Times(paint / 1000, ready / 1000)


def axe_check(chrome: Browser, page: Path, axe: Path, scheme: str, width: int) -> Check:
    """The serious and critical findings of axe-core.

    Args:
        chrome: The browser.
        page: The report.
        axe: Its `axe.min.js`.
        scheme: `light` or `dark`.
        width: Of the window, in pixels.
    """
    # what is checked is the page, not whether its policy would let the checker in
    context = chrome.new_context(
        bypass_csp=True, color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 900}
    )
    visited = context.new_page()
    _open(visited, page)
    visited.evaluate(axe.read_text(encoding="utf-8"))
    findings = visited.evaluate("() => axe.run().then((found) => found.violations)")
    context.close()
    bad = [
        f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['target']}"
        for one in findings
        if one["impact"] in REFUSED
    ]
    return Check(f"axe-core, {scheme}, {width} px", "; ".join(bad) or "nothing serious or critical", not bad)


def _open(visited: Page, page: Path) -> None:
    visited.set_default_timeout(120_000)
    visited.goto(page.absolute().as_uri())
    visited.locator("html.charts-ready").wait_for(state="attached")


if __name__ == "__main__":
    main()
