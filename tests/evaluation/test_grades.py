from __future__ import annotations

import numpy as np
import pytest

from src.evaluation.grades import class_pairs, grade_bins
from src.evaluation.variance import Sample
from src.models import GradeScale

SCALE = GradeScale(low=0, high=5)


def sample_of(grades: np.ndarray) -> Sample:
    return Sample(grades > 2.5, grades=grades, has_labels=False)


def test_few_grades_have_a_bin_each_and_many_have_ten_ranges() -> None:
    rng = np.random.default_rng(0)
    levels, many = rng.integers(0, 6, 300).astype(float), rng.uniform(0, 5, 300)

    few = grade_bins(levels / 10, sample_of(levels), SCALE)
    ranges = grade_bins(many / 10, sample_of(many), SCALE)

    assert [(one.low, one.high) for one in few] == [(float(i), float(i)) for i in range(6)]
    assert [one.mean for one in few] == pytest.approx([i / 10 for i in range(6)])
    assert [(one.low, one.high) for one in ranges] == [(i / 2, (i + 1) / 2) for i in range(10)]
    assert sum(one.n for one in ranges) == 300
    assert all(one.mean_low is not None and one.mean_low < one.mean for one in ranges)


def test_each_two_classes_have_an_auc_and_classes_of_one_grade_are_one() -> None:
    scale = GradeScale(low=0, high=1, classes={"yes": 1.0, "maybe": 0.5, "unclear": 0.5, "no": 0.0})
    grades = np.repeat([0.0, 0.5, 1.0], 20)
    scores = np.concatenate([np.linspace(0, 0.2, 20), np.linspace(0, 0.2, 20), np.linspace(0.5, 0.7, 20)])

    found = class_pairs(scores, sample_of(grades), scale)

    assert [(one.upper, one.lower) for one in found] == [
        ("maybe, unclear", "no"),
        ("yes", "no"),
        ("yes", "maybe, unclear"),
    ]
    assert [one.auc_roc for one in found] == pytest.approx([0.5, 1.0, 1.0])
    assert found[0].auc_low is not None


def test_numbers_have_no_classes() -> None:
    assert class_pairs(np.zeros(6), sample_of(np.arange(6.0)), SCALE) == ()
