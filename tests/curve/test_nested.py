from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.core.errors import DataFileError, UserInputError
from src.curve.nested import nested_parts, parse_shares

if TYPE_CHECKING:
    from src.models import PairSet
    from tests.conftest import PairSetFactory

SHARES = (10.0, 25.0, 50.0, 100.0)


@pytest.fixture
def pairs(pair_set: PairSetFactory) -> PairSet:
    """400 pairs, of which each four share a text; 3 of 8 have label 1."""
    texts = [f"boy: a{i // 4}" for i in range(400)]
    return pair_set(texts, [f"girl: b{i}" for i in range(400)], labels=[int(i % 8 < 3) for i in range(400)])


def lines(part: PairSet) -> set[int]:
    return set(part.lines.tolist())


def test_each_part_is_inside_the_next_larger_one(pairs: PairSet) -> None:
    parts = nested_parts(pairs, SHARES, 42)

    assert all(lines(small) < lines(large) for small, large in pairwise(parts))
    assert lines(parts[-1]) == lines(pairs)


def test_a_part_is_whole_components(pairs: PairSet) -> None:
    for part in nested_parts(pairs, SHARES, 42):
        assert all(part.text_1.count(text) == 4 for text in part.text_1)


def test_a_part_has_its_share_of_each_label(pairs: PairSet) -> None:
    for share, part in zip(SHARES, nested_parts(pairs, SHARES, 42), strict=True):
        assert np.bincount(part.labels).tolist() == pytest.approx([2.5 * share, 1.5 * share], abs=4)


def test_another_seed_draws_other_parts_and_the_same_seed_the_same(pairs: PairSet) -> None:
    one, again, other = (nested_parts(pairs, SHARES, seed)[0] for seed in (42, 42, 43))

    assert lines(one) == lines(again) != lines(other)


def test_a_share_that_whole_components_cannot_make_is_refused(pair_set: PairSetFactory) -> None:
    joined = pair_set(["boy: a"] * 90 + [f"boy: b{i}" for i in range(10)], [f"girl: c{i}" for i in range(100)])

    with pytest.raises(DataFileError, match="50 % of 100 pairs cannot be drawn: shared texts join up to 90 pairs"):
        nested_parts(joined, (50.0, 100.0), 42)


def test_shares_are_read_in_order_of_size() -> None:
    assert parse_shares("100, 10,2.5") == (2.5, 10.0, 100.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10,x", "'x' is no share"),
        ("0,100", "'0' is no share"),
        ("101", "'101' is no share"),
        ("nan", "'nan' is no share"),
        ("", "'' is no share"),
        ("10,10.0", "a share is named twice"),
    ],
)
def test_what_is_no_share_is_refused(text: str, told: str) -> None:
    with pytest.raises(UserInputError, match=told):
        parse_shares(text)
