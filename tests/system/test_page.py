"""What `python -m benchmarks.page` checks and no clock decides; each check refuses what it is there for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import page as checks

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.system.test_browser import Files


@pytest.mark.parametrize("name", ["comparison", "baseline"])
def test_a_page_is_small_and_its_policy_names_its_scripts(files: Files, name: str) -> None:
    assert checks.size_check(files[name]).good
    assert checks.policy_check(files[name].read_text(encoding="utf-8")).good


def test_a_page_of_few_pairs_may_have_three_million_bytes_and_another_one_five(tmp_path: Path) -> None:
    few, many = tmp_path / "few.html", tmp_path / "many.html"
    few.write_text('<script id="pair-data">{"words":{},"n":300}' + 3_000_000 * " ", encoding="utf-8")
    many.write_text('<script id="pair-data">{"words":{},"n":301}' + 3_000_000 * " ", encoding="utf-8")

    assert not checks.size_check(few).good
    assert checks.size_check(many).good


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</body>", "<script>alert(1)</script></body>"),
        ("default-src &#39;none&#39;", "default-src *"),
        ("script-src &#39;", "script-src &#39;unsafe-inline&#39; &#39;"),
        ("Content-Security-Policy", "Refresh"),
    ],
)
def test_a_weaker_policy_is_bad(files: Files, old: str, new: str) -> None:
    html = files["baseline"].read_text(encoding="utf-8")

    assert old in html
    assert not checks.policy_check(html.replace(old, new)).good


@pytest.mark.parametrize("name", ["comparison", "baseline"])
def test_a_page_asks_for_nothing(browser: Browser, files: Files, name: str) -> None:
    assert checks.requests_check(browser, files[name]).found == "none"


def test_a_page_that_asks_for_a_picture_is_bad(browser: Browser, files: Files, tmp_path: Path) -> None:
    html = files["baseline"].read_text(encoding="utf-8").replace("</body>", '<img src="http://localhost:1/"></body>')
    page = tmp_path / "page.html"
    page.write_text(html, encoding="utf-8")

    assert not checks.requests_check(browser, page).good


@pytest.mark.parametrize("scheme", checks.SCHEMES)
@pytest.mark.parametrize("width", checks.WIDTHS)
@pytest.mark.parametrize("name", ["comparison", "baseline"])
def test_axe_finds_nothing_serious_or_critical(
    browser: Browser, files: Files, name: str, width: int, scheme: str
) -> None:
    axe = checks.find_axe()
    if axe is None:
        pytest.skip("axe-core is not installed: npm install --no-save axe-core")

    assert checks.axe_check(browser, files[name], axe, scheme, width).found == "nothing serious or critical"
