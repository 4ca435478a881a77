from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from src.audit.checks import contradictions, relabelled_pairs
from src.audit.framework import AuditFile, FilePair
from src.data.label_conflicts import contradicted_pairs, grade_spreads
from src.data.text_table import text_table
from src.models import GradeScale, PairSet, Split

if TYPE_CHECKING:
    from collections.abc import Callable


def graded(make: Callable[..., PairSet], texts: list[tuple[str, str]], grades: list[float]) -> PairSet:
    sides = [[f"{who}: {pair[side]}" for pair in texts] for side, who in enumerate(("boy", "girl"))]
    return dataclasses.replace(make(*sides), grades=np.array(grades), scale=GradeScale(low=0, high=5))


def test_grades_of_one_pair_contradict_from_a_quarter_of_the_scale_on(pair_set: Callable[..., PairSet]) -> None:
    texts = [("one", "two"), ("one", "two"), ("three", "four"), ("three", "four"), ("five", "six")]
    pairs = graded(pair_set, texts, [1.0, 2.25, 1.0, 2.2, 5.0])
    keys = text_table(pairs).pair_keys

    assert contradicted_pairs(keys, pairs).tolist() == [True, True, False, False, False]
    assert grade_spreads(keys, np.array([1.0, 3.0, 2.0, 2.0, 0.0])).tolist() == [2.0, 2.0, 0.0, 0.0, 0.0]


def test_the_audit_counts_pairs_of_two_grades_in_order_and_in_either_order(pair_set: Callable[..., PairSet]) -> None:
    pairs = graded(pair_set, [("a b", "c d"), ("a b", "c d"), ("e f", "g h"), ("g h", "e f")], [1.0, 1.2, 0.0, 5.0])
    sides = [[text.partition(": ")[2] for text in side] for side in (pairs.text_1, pairs.text_2)]
    plain = dataclasses.replace(pairs, text_1=sides[0], text_2=sides[1], has_speakers=False)

    found = contradictions(AuditFile(Split.TRAIN, plain))

    assert found.rows.tolist() == [2, 3]
    assert (
        "letter by letter 1 pairs have two grades in order, 2 in either order; largest difference 5" in found.observed
    )


def test_rows_that_train_grades_otherwise_are_named(pair_set: Callable[..., PairSet]) -> None:
    train = graded(pair_set, [("one", "two"), ("three", "four")], [0.0, 4.0])
    held_out = graded(pair_set, [("one", "two"), ("three", "four"), ("five", "six")], [4.0, 4.1, 0.0])

    found = relabelled_pairs(FilePair(AuditFile(Split.TRAIN, train), AuditFile(Split.TEST, held_out)))

    assert found.rows.tolist() == [0]
