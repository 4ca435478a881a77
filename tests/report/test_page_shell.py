from __future__ import annotations

import pytest
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from src.report import page_shell
from tests.support.report_pages import unpacked


def test_the_chart_library_comes_out_as_it_went_in_and_is_small() -> None:
    packed = page_shell.packed_plotly()

    assert unpacked(packed) == get_plotlyjs()
    assert len(packed) < 1_900_000


@pytest.mark.parametrize("text", ["", "a", "<script>\u2028</script> é", "0123456789" * 1_000])
def test_what_is_packed_comes_out_as_it_went_in_and_is_no_markup(text: str) -> None:
    packed = page_shell.packed(text)

    assert unpacked(packed) == text
    assert "<" not in packed


def test_it_is_packed_the_same_every_time() -> None:
    once = page_shell.packed_plotly()
    page_shell.packed_plotly.cache_clear()

    assert page_shell.packed_plotly() == once


def test_every_script_of_the_project_is_in_the_page() -> None:
    folder = page_shell.files("src.report") / "templates"
    scripts = [file.name for file in folder.iterdir() if file.name.endswith(".js")]

    assert sorted(scripts) == sorted(page_shell.SCRIPTS)
    assert "report_start" not in page_shell.page_script()
    assert page_shell.page_script().startswith('"use strict";\n(() => {\n')


def test_no_script_writes_html() -> None:
    script = page_shell.page_script()

    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert way not in script


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("name a file with --guard.", 'name a file with <span class="whole">--guard</span>.'),
        ("<b> & --max-loss", '&lt;b&gt; &amp; <span class="whole">--max-loss</span>'),
        ("my-model; 2026-11-27", 'my-model; <span class="whole">2026-11-27</span>'),
        ("-0.1 [-0.179, +0.046]. [a]", '-0.1 <span class="whole">[-0.179, +0.046]</span>. [a]'),
        (Markup("a <b>--a</b>"), 'a <b><span class="whole">--a</span></b>'),
        ("3 -- 4", "3 -- 4"),
    ],
)
def test_the_name_of_an_option_is_not_broken_at_the_end_of_a_line(text: str, html: str) -> None:
    assert page_shell.unbroken(text) == html
