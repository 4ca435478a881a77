from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.core.errors import UserInputError
from src.data.overlap import split_overlap
from src.models import CLEAN, DEDUPLICATED, TEXT_DISJOINT, Split
from src.verdict.slices import cleaned_slices, group_sizes, named_slices, refuse_unknown_slices, slices_of
from tests.support.factories import make_evaluation, make_pairs

if TYPE_CHECKING:
    from src.models import PairSet

LONG = " ".join(f"word{i}" for i in range(40))


def texts(n: int, salt: str) -> dict[str, list[str]]:
    return {f"text_{side}": [f"boy: {salt}{side}{i} {salt}x{i} {salt}y{i}" for i in range(n)] for side in (1, 2)}


@pytest.fixture
def sets() -> dict[Split, PairSet]:
    """Train and eval without a text in common."""
    return {Split.TRAIN: make_pairs(40, **texts(40, "t")), Split.TEST: make_pairs(40, **texts(40, "e"))}


def left_out(sets: dict[Split, PairSet]) -> dict[str, list[int]]:
    """Rows of eval that are in no slice of this name."""
    train, held_out = sets[Split.TRAIN], sets[Split.TEST]
    slices = cleaned_slices(train, held_out, split_overlap(train, held_out))
    return {name: sorted(set(range(len(held_out))) - set(rows.tolist())) for name, rows in slices.items()}


def test_where_nothing_is_shared_every_slice_holds_all_pairs_the_cleanest_first(sets: dict[Split, PairSet]) -> None:
    assert left_out(sets) == {CLEAN: [], TEXT_DISJOINT: [], DEDUPLICATED: []}
    assert list(left_out(sets)) == [CLEAN, TEXT_DISJOINT, DEDUPLICATED]


def test_a_slice_leaves_out_copies_then_shared_texts_then_near_duplicates(sets: dict[Split, PairSet]) -> None:
    train, held_out = sets[Split.TRAIN], sets[Split.TEST]
    held_out.text_1[3], held_out.text_2[3] = train.text_2[0], train.text_1[0]
    held_out.text_1[5] = train.text_1[1]
    train.text_1[2], train.text_2[2] = f"boy: {LONG}", f"girl: {LONG} end"
    held_out.text_1[7], held_out.text_2[7] = f"boy: {LONG} more", f"girl: {LONG} end more"

    assert left_out(sets) == {CLEAN: [3, 5, 7], TEXT_DISJOINT: [3, 5], DEDUPLICATED: [3]}


def test_no_slice_holds_a_pair_with_both_labels(sets: dict[Split, PairSet]) -> None:
    held_out = sets[Split.TEST]
    held_out.text_1[1], held_out.text_2[1] = held_out.text_2[0], held_out.text_1[0]
    assert held_out.labels[0] != held_out.labels[1]

    assert set(map(tuple, left_out(sets).values())) == {(0, 1)}


def test_a_repeated_pair_with_one_label_stays(sets: dict[Split, PairSet]) -> None:
    held_out = sets[Split.TEST]
    held_out.text_1[2], held_out.text_2[2] = held_out.text_1[0], held_out.text_2[0]

    assert left_out(sets)[CLEAN] == []


def test_the_challenge_set_is_one_slice_if_there_is_one(sets: dict[Split, PairSet]) -> None:
    overlap = split_overlap(sets[Split.TRAIN], sets[Split.TEST])

    assert Split.CHALLENGE not in slices_of(sets, overlap)
    with_challenge = slices_of({**sets, Split.CHALLENGE: make_pairs(12)}, overlap)
    assert with_challenge[Split.CHALLENGE]["challenge"].tolist() == list(range(12))


@pytest.mark.parametrize(
    ("n", "ones", "large_enough"), [(30, 10, True), (30, 20, True), (29, 14, False), (60, 9, False), (60, 51, False)]
)
def test_a_named_slice_has_thirty_pairs_and_ten_of_each_label(n: int, ones: int, large_enough: bool) -> None:
    pairs = make_pairs(n + 5, category=["a"] * n + ["b"] * 5, pair_type=["c"] * (n + 5))
    pairs.labels[:] = 0
    pairs.labels[:ones] = 1

    found = named_slices(pairs)

    assert ("category=a" in found) == large_enough
    assert "category=b" not in found
    if large_enough:
        assert np.array_equal(found["category=a"], np.arange(n))


def test_every_category_and_pair_type_may_be_named_whatever_its_size() -> None:
    evaluation = make_evaluation()
    sizes = group_sizes(evaluation)

    assert len(sizes) == len(evaluation.by_category) + len(evaluation.by_pair_type)
    assert sizes["category=rare_topic"] == (1, evaluation.by_category[-1].n_compatible)


def test_an_unknown_slice_is_refused_in_one_line_whatever_it_is_called() -> None:
    known = {f"category={name}": None for name in "abcdefghij"}
    with pytest.raises(UserInputError) as caught:
        refuse_unknown_slices(["category=a", "x\n\x1b" + "y" * 500], known)

    message = str(caught.value)
    assert message.startswith("--must-hold x\\n\\x1byyy")
    assert message.endswith(f"…: no such slice; there is {', '.join(list(known)[:8])}, and 2 more")
