from __future__ import annotations

import numpy as np

from src.tables.example_pairs import ScoredPairs, example_pairs
from tests.support.factories import make_pairs


def scored(after: list[float], **columns: list[str]) -> ScoredPairs:
    """Pairs whose labels are 1, 0, 1, 0, ..."""
    return ScoredPairs(make_pairs(len(after), **columns), np.zeros(len(after)), np.array(after))


def lines(found: tuple, kind: str) -> list[str]:
    return [one.place.partition(":")[2] for one in found if one.kind == kind]


def test_of_each_kind_the_farthest_from_the_threshold_of_each_label_is_shown() -> None:
    #       right: 1     2    3     wrong: 4    5    6    7
    test = scored([0.9, 0.4, 0.95, 0.7, 0.1, 0.99, 0.3])
    found = example_pairs(test, None, 0.5)

    assert lines(found, "right") == ["3", "2"]
    assert lines(found, "wrong") == ["5", "6"]
    assert lines(found, "challenge") == []


def test_where_one_label_is_missing_two_pairs_of_the_other_are_shown() -> None:
    found = example_pairs(scored([0.9, 0.8, 0.7, 0.6, 0.95, 0.9]), None, 0.5)

    assert lines(found, "right") == ["5", "1"]
    assert lines(found, "wrong") == ["6", "2"]


def test_of_equal_pairs_the_first_in_the_file_is_shown() -> None:
    found = example_pairs(scored([0.75] * 4), None, 0.25)

    assert (lines(found, "right"), lines(found, "wrong")) == (["1", "3"], ["2", "4"])


def test_of_the_challenge_set_the_failures_are_shown() -> None:
    found = example_pairs(scored([0.9, 0.1]), scored([0.9, 0.8, 0.2, 0.1]), 0.5)

    assert lines(found, "wrong") == []
    assert lines(found, "challenge") == ["3", "2"]


def test_a_pair_has_its_texts_both_cosines_and_what_it_was_called() -> None:
    test = scored([0.9, 0.9], text_1=["boy: " + "x" * 400, "boy: b"], text_2=["girl: a", "girl: b"])
    _, wrong = example_pairs(test, None, 0.5)

    assert (wrong.label, wrong.called, wrong.before, wrong.after) == ("incompatible", "compatible", 0.0, 0.9)
    assert (wrong.text_1, wrong.text_2) == ("boy: b", "girl: b")
    assert len(example_pairs(test, None, 0.5)[0].text_1) == 300


def test_there_may_be_fewer_than_two() -> None:
    assert len(example_pairs(scored([0.9]), None, 0.5)) == 1
