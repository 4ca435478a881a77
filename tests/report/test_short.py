from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from src.report import short
from src.report.pdf import chromium, print_pdf
from src.report.short import short_page
from tests.support.factories import make_comparison, make_cosines, make_pairs
from tests.support.report_pages import NAMES, made_challenge

if TYPE_CHECKING:
    from pathlib import Path

MODELS = ("baseline", "finetuned")


def made(*, redact: bool = False, challenge: bool = True) -> str:
    pairs, result = make_pairs(), make_comparison(MODELS)
    test = pairs, {name: make_cosines(pairs, name) for name in MODELS}
    return short_page(result, test, made_challenge(MODELS) if challenge else None, names=NAMES, redact=redact)


def test_it_is_one_small_file_without_a_script_that_loads_nothing() -> None:
    page = made()

    assert len(page.encode()) < 1_000_000
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert "default-src 'none'" in page
    assert "url(" not in page


def test_it_has_the_card_the_steps_two_tables_two_pictures_and_the_pairs() -> None:
    page = made()
    order = [
        "my-run",
        "DO NOT SHIP",
        "What to do next",
        "Decision on",
        "Scores on 120",
        "data:image/png",
        "Pairs to look",
    ]
    places = [page.index(text) for text in order]

    assert places == sorted(places)
    assert page.count("data:image/png;base64,") == 2
    assert page.count('<figure class="example') == 3
    assert "VERDICT: DO NOT SHIP" in page
    assert "Average precision" not in page


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures take most of the time."""
    monkeypatch.setattr(short, "_charts", lambda _: ())


@pytest.mark.usefixtures("without_pictures")
def test_redacted_it_has_no_text_of_a_pair() -> None:
    assert "hobby number" in made()
    assert "hobby number" not in made(redact=True)
    assert "The texts were left out" in made(redact=True)


@pytest.mark.usefixtures("without_pictures")
def test_without_a_challenge_set_a_line_says_so() -> None:
    assert "There is no challenge set" in made(challenge=False)


@pytest.mark.skipif(chromium() is None, reason="there is no chromium on this machine")
def test_printed_it_has_two_pages(tmp_path: Path) -> None:
    page, pdf = tmp_path / "short.html", tmp_path / "short.pdf"
    page.write_text(made(), encoding="utf-8")

    assert print_pdf(str(chromium()), page, pdf)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == 2


@pytest.mark.parametrize("program", ["false", "no-such-program"])
def test_a_program_that_prints_nothing_leaves_no_file(tmp_path: Path, program: str) -> None:
    page, pdf = tmp_path / "short.html", tmp_path / "short.pdf"
    page.write_text("<p>", encoding="utf-8")

    assert not print_pdf(shutil.which(program) or program, page, pdf)
    assert not pdf.exists()
