from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from src.report import page_shell
from src.report.drawings import SHAPES, drawing, mark_of_pairs
from src.report.terms import TERMS

STYLE = (page_shell.files("src.report") / "templates" / "report.css").read_text(encoding="utf-8")
STYLED = set(re.findall(r"\.drawing \.([\w-]+)", STYLE))  # classes of shapes that have a colour


def test_every_term_has_a_drawing_and_every_drawing_a_term() -> None:
    assert {term.drawing for term in TERMS} == set(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_a_drawing_is_small_and_takes_its_colours_from_the_page(name: str) -> None:
    picture = drawing(name)
    kinds = {part.get("class", "") for part in ET.fromstring(picture)}  # noqa: S314 - our own

    assert len(picture) < 1500
    assert kinds - {""} <= STYLED
    assert not re.search(r"style=|fill=|stroke=|#[0-9a-fA-F]{3}|href|<script", picture)


@pytest.mark.parametrize(("name", "mark"), [("map", "yes"), ("margin", "hump-yes"), ("seeds", ""), ("cost", "")])
def test_a_drawing_of_both_labels_needs_a_key(name: str, mark: str) -> None:
    assert mark_of_pairs(name) == mark
