"""What `python -m benchmarks.page` checks and no clock decides; each check refuses what it is there for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import page as checks
from src.report.pdf import chromium
from tests.support.report_pages import made_baseline, usual_comparison

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("there is no chromium on this machine")
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with checks.browser() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    files = {name: folder / f"{name}.html" for name in ("comparison", "baseline")}
    files["comparison"].write_text(usual_comparison(), encoding="utf-8")
    files["baseline"].write_text(made_baseline(), encoding="utf-8")
    return files


@pytest.mark.parametrize("name", ["comparison", "baseline"])
def test_a_page_is_small_and_its_policy_names_its_scripts(pages: dict[str, Path], name: str) -> None:
    assert checks.size_check(pages[name]).good
    assert checks.policy_check(pages[name].read_text(encoding="utf-8")).good


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
def test_a_weaker_policy_is_bad(pages: dict[str, Path], old: str, new: str) -> None:
    html = pages["baseline"].read_text(encoding="utf-8")

    assert old in html
    assert not checks.policy_check(html.replace(old, new)).good


@pytest.mark.parametrize("name", ["comparison", "baseline"])
def test_a_page_asks_for_nothing(chrome: Browser, pages: dict[str, Path], name: str) -> None:
    assert checks.requests_check(chrome, pages[name]).found == "none"


def test_a_page_that_asks_for_a_picture_is_bad(chrome: Browser, pages: dict[str, Path], tmp_path: Path) -> None:
    html = pages["baseline"].read_text(encoding="utf-8").replace("</body>", '<img src="http://localhost:1/"></body>')
    page = tmp_path / "page.html"
    page.write_text(html, encoding="utf-8")

    assert not checks.requests_check(chrome, page).good


@pytest.mark.parametrize("scheme", checks.SCHEMES)
@pytest.mark.parametrize("width", checks.WIDTHS)
@pytest.mark.parametrize("name", ["comparison", "baseline"])
def test_axe_finds_nothing_serious_or_critical(
    chrome: Browser, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    axe = checks.find_axe()
    if axe is None:
        pytest.skip("axe-core is not installed: npm install --no-save axe-core")

    assert checks.axe_check(chrome, pages[name], axe, scheme, width).found == "nothing serious or critical"
