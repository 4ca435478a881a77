from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from src.metrics import threshold_metrics
from src.report.page_data import STEPS, threshold_counts


@given(st.lists(st.tuples(st.integers(-2000, 2000), st.integers(0, 1)), max_size=30), st.integers(-STEPS, STEPS))
def test_they_are_those_of_the_metrics_at_every_threshold(pairs: list[tuple[int, int]], step: int) -> None:
    """Half of the cosines lie exactly on a threshold."""
    scores, labels = [score / 2000 for score, _ in pairs], [label for _, label in pairs]
    counts = threshold_counts(scores, labels)

    if pairs:
        point = threshold_metrics(scores, labels, step / STEPS)
        assert counts.true_positives[step + STEPS] == point.true_positives
        assert counts.false_positives[step + STEPS] == point.false_positives


def test_they_run_from_all_pairs_to_those_with_a_cosine_of_one() -> None:
    counts = threshold_counts(np.array([1.0, 0.3, -1.0, 1.0]), np.array([1, 1, 1, 0]))

    assert (counts.n_positive, counts.n_negative) == (3, 1)
    assert (counts.true_positives[0], counts.true_positives[-1]) == (3, 1)
    assert (counts.false_positives[0], counts.false_positives[-1]) == (1, 1)
    assert len(counts.true_positives) == len(counts.false_positives) == 2 * STEPS + 1
