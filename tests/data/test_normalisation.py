from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data.normalisation import is_in, nfkc, normalise

# letters that are composed and decomposed, marks of several classes, syllables made of letters
UNITS = (
    "\u0301\u0316", "a\u0315\u0300\u05ae", "\u0344\u0316", "\uff9e\u3099\u0316", "\u1e09\u0327", "\u1100\u1161\u11a8",
    "\u0f73\u0f71", "\ufb2c\u05b0", "\U0001d160\u0301", "\ufdfa",
)  # fmt: skip


@pytest.mark.parametrize(
    "variant",
    [
        "boy: I like tea",
        "girl: I like tea.",
        "BOY :  i LIKE\ttea .",
        "boy: \uff29 like tea\u3002",  # full-width I, ideographic full stop
        "I like tea\ufe0f",  # variation selector
    ],
)
def test_case_spaces_speaker_unicode_form_and_one_full_stop_say_nothing(variant: str) -> None:
    assert normalise(variant) == "i like tea"


def test_typographic_quotes_and_dashes_are_those_that_are_typed() -> None:
    assert normalise("“I don’t – not at −5”") == '"i don\'t - not at -5"'  # noqa: RUF001 - they are meant


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (":)", ":("),
        ("5", "-5"),
        ("3", "<3"),
        ("yes", "yes?"),
        ("yes", "yes!"),
        ("well", "well..."),
        ("note: tea", "tea"),
        ("a + b", "a - b"),
        ("fine \U0001f600", "fine \U0001f622"),
        ("की", "का"),
        ("tea", "*tea*"),
    ],
)
def test_a_sign_that_says_something_makes_another_text(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@settings(max_examples=200, deadline=None, database=None)
@given(st.text(st.characters() | st.sampled_from("".join(UNITS)), max_size=30))
def test_a_long_text_is_normalised_as_a_short_one(text: str) -> None:
    normalisation_of = unicodedata.normalize("NFKC", text)

    assert nfkc(f"{'a ' * 500} {text} {'b ' * 500}") == f"{'a ' * 500} {normalisation_of} {'b ' * 500}"
    assert nfkc(text) == normalisation_of


@pytest.mark.parametrize("unit", UNITS)
def test_no_long_run_of_marks_is_left_to_be_sorted_by_insertion(monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    """Sorting by insertion is quick where each mark stands behind those of lower classes already."""
    normalize = unicodedata.normalize
    unsorted: list[tuple[int, int]] = []

    def watched(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
        marks = [unicodedata.combining(mark) for char in text for mark in normalize("NFKD", char)]
        unsorted.extend((one, two) for one, two in pairwise(marks) if one > two > 0 and len(text) > 1)
        return normalize(form, text)

    monkeypatch.setattr("unicodedata.normalize", watched)
    normalise(unit * 1_000)

    assert unsorted == []


@pytest.mark.parametrize("known", [[], [5], [2**63, 5, 5, 9]])
def test_keys_are_marked_that_are_among_the_known_ones(known: list[int]) -> None:
    keys = np.array([9, 4, 5, 2**64 - 1, 9, 2**63], dtype=np.uint64)

    assert is_in(keys, np.array(known, dtype=np.uint64)).tolist() == [key in known for key in keys.tolist()]
    assert is_in(keys[:0], np.array(known, dtype=np.uint64)).tolist() == []
