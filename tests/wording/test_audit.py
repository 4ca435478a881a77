from __future__ import annotations

import pytest

from src.wording import audit


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ([], "0 of 9 categories and pair types"),
        (["a (n=2)"], "1 of 9 categories and pair types: a (n=2)"),
        (["a (n=2)", "b (all 1)"], "2 of 9 categories and pair types: a (n=2), b (all 1)"),
        (["a (n=2)", "b (all 1)", "c (n=1)"], "3 of 9 categories and pair types: a (n=2), b (all 1) and 1 more"),
    ],
)
def test_small_slices_are_named_up_to_a_number_and_the_others_counted(shown: list[str], text: str) -> None:
    assert audit.small_slices(shown, 9, most=2) == text


@pytest.mark.parametrize(
    ("z", "text"), [(4.26, "4.3 standard deviations more"), (-4.26, "4.3 standard deviations fewer")]
)
def test_runs_are_more_or_fewer_by_the_sign_of_z(z: float, text: str) -> None:
    assert audit.runs(7, z) == f"7 runs of one label, {text} than with shuffled labels"


def test_near_duplicates_are_a_lower_bound_unless_there_are_none() -> None:
    some, none = (audit.near(n, 8, n / 8, "have a copy", words=2, least=0.8) for n in (2, 0))

    limits = "at most 2 words differ, or Jaccard index 0.8 or more"
    assert some == f"at least 2 of 8 examined pairs (25.0%) have a copy: {limits}"
    assert none == f"0 of 8 examined pairs were found to have a copy: {limits}"


def test_without_a_significant_word_none_is_named() -> None:
    assert audit.strongest([]) == "none is significant"
    assert audit.strongest([audit.word(1, "tea", 0.9, 20, 3.58)]).endswith(": text_1 'tea' 90% of 20 (z +3.6)")
