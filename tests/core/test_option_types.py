from __future__ import annotations

from pathlib import Path

import click
import pytest

from src.core.option_types import FiniteFloat, FiniteFloatRange, PathTo, PromptText, Text, is_blank
from tests.system.attacks_on_commands import BLANK, NOT_FINITE


@pytest.mark.parametrize("text", BLANK)
def test_a_text_without_a_visible_character_is_blank_and_refused_as_text_and_as_path(text: str) -> None:
    assert is_blank(text)
    for kind in (Text(), PathTo()):
        with pytest.raises(click.BadParameter, match="it is empty; give a value, or leave it out"):
            kind.convert(text, None, None)


# the last is a name in another encoding than the terminal's
@pytest.mark.parametrize("text", ["x", ".", " x ", "é", "日", "🙂", "\udce9"])
def test_a_text_with_a_visible_character_is_kept_as_it_is(text: str) -> None:
    assert Text().convert(text, None, None) == text
    assert PathTo(path_type=Path).convert(text, None, None) == Path(text)


@pytest.mark.parametrize("text", NOT_FINITE)
@pytest.mark.parametrize("kind", [FiniteFloat(), FiniteFloatRange(0, 100), FiniteFloatRange(0)])
def test_a_number_that_is_not_finite_is_refused(kind: FiniteFloat, text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is not a finite number|is not a valid float"):
        kind.convert(text, None, None)


def test_a_finite_number_is_read_and_its_range_holds() -> None:
    assert FiniteFloat().convert("1e-3", None, None) == 0.001
    assert FiniteFloatRange(0, 100).convert("100", None, None) == 100
    with pytest.raises(click.BadParameter, match="is not in the range"):
        FiniteFloatRange(0, 100).convert("100.1", None, None)


@pytest.mark.parametrize("text", ["", "query: ", "a\nb: ", " x"])
def test_a_prompt_is_kept_as_it_is_and_may_be_empty(text: str) -> None:
    assert PromptText().convert(text, None, None) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("  ", "it has no visible character; give a text, or '' for no prompt"),
        ("x" * 10_001, "it has 10,001 characters; give at most 10,000"),
        ("\udce9", "it is no UTF-8"),
    ],
)
def test_what_cannot_stand_before_a_text_is_refused(text: str, told: str) -> None:
    with pytest.raises(click.BadParameter, match=told):
        PromptText().convert(text, None, None)
