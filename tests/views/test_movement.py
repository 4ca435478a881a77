from __future__ import annotations

from dataclasses import replace

import numpy as np

from src.models import GradeScale
from src.views.movement import movement, percentiles
from tests.support.factories import make_pairs


def test_a_percentile_is_the_share_below_and_half_of_the_equal_ones() -> None:
    assert percentiles(np.array([0.1, 0.4, 0.2, 0.3])).tolist() == [12.5, 87.5, 37.5, 62.5]
    assert percentiles(np.array([0.5, 0.5])).tolist() == [50.0, 50.0]


def test_up_is_right_for_positive_pairs_and_down_for_negative_ones() -> None:
    pairs = make_pairs(4)  # labels 1, 0, 1, 0
    found = movement("lora", np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.9, 0.1, 0.2, 0.5]), pairs)

    assert found.before.tolist() == [12.5, 37.5, 62.5, 87.5]
    assert found.after.tolist() == [87.5, 12.5, 37.5, 62.5]
    assert found.way.tolist() == [1, 1, -1, 1]
    assert found.far.tolist() == [True, True, True, True]


def test_scores_that_only_shift_move_no_pair() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.4])
    found = movement("lora", scores, scores / 2 - 0.3, make_pairs(4))

    assert found.way.tolist() == [0, 0, 0, 0]
    assert not found.far.any()


def test_with_grades_right_is_towards_the_percentile_of_the_grade() -> None:
    pairs = replace(make_pairs(4), grades=np.array([0.0, 1.0, 2.0, 3.0]), scale=GradeScale(low=0, high=3))
    found = movement("lora", np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.3, 0.2, 0.4]), pairs)

    assert found.way.tolist() == [1, 0, 0, 1]
