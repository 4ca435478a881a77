from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from src.data.overlap import split_overlap
from src.data.text_table import text_table

if TYPE_CHECKING:
    from src.models import PairSet
    from tests.conftest import PairSetFactory


@pytest.fixture
def train(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(200, seed=1)


@pytest.fixture
def held_out(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(100, seed=2)


def test_a_copy_is_marked_in_any_order_case_and_speaker(pair_set: PairSetFactory) -> None:
    train = pair_set(["boy: tea"], ["girl: milk"])
    other = pair_set(
        ["boy: Tea.", "girl: MILK", "boy: tea", "boy: wine", "boy: wine"],
        ["girl: milk", "boy: tea", "girl: tea", "girl: TEA", "girl: beer"],
    )

    overlap = split_overlap(train, other)
    assert overlap.deduplicated.tolist() == [False, False, True, True, True]
    assert overlap.text_disjoint.tolist() == [False, False, False, False, True]


def test_the_overlap_marks_the_pairs_that_train_does_not_give_away(train: PairSet, held_out: PairSet) -> None:
    held_out.text_1[:9], held_out.text_2[:5] = train.text_1[:9], train.text_2[:5]
    overlap = split_overlap(train, held_out)

    assert overlap.deduplicated.tolist() == [False] * 5 + [True] * 95
    assert overlap.text_disjoint.tolist() == [False] * 9 + [True] * 91


def test_without_speakers_boy_and_girl_are_words_like_any_other(pair_set: PairSetFactory) -> None:
    def pairs(one: str, other: str) -> PairSet:
        return dataclasses.replace(pair_set([one], [other]), has_speakers=False)

    overlap = split_overlap(pairs("boy: tea", "girl: coffee"), pairs("girl: tea", "boy: coffee"))

    assert overlap.deduplicated.tolist() == overlap.text_disjoint.tolist() == [True]
    assert len(text_table(pairs("boy: tea", "girl: tea")).keys) == 2


def test_files_with_nothing_in_common_give_nothing_away(train: PairSet, held_out: PairSet) -> None:
    overlap = split_overlap(train, held_out)

    assert overlap.deduplicated.all()
    assert overlap.text_disjoint.all()


def test_the_keys_of_a_table_give_the_same_overlap(train: PairSet, held_out: PairSet) -> None:
    held_out.text_1[:9], held_out.text_2[:5] = train.text_1[:9], train.text_2[:5]
    by_itself = split_overlap(train, held_out)
    text_table(train)
    by_table = split_overlap(train, held_out)

    assert by_table.deduplicated.tolist() == by_itself.deduplicated.tolist()
    assert by_table.text_disjoint.tolist() == by_itself.text_disjoint.tolist()
