from __future__ import annotations

import numpy as np
import pytest

from src.evaluation import resamples
from src.evaluation.metric_registry import resampled
from tests.support.known_scores import METRIC_NAMES, by_library, draw_scores


@pytest.mark.parametrize("decimals", [6, 1])
def test_weights_give_what_the_libraries_give_on_the_pairs_drawn(decimals: int) -> None:
    scores, labels = draw_scores(61, decimals=decimals)
    rows = np.random.default_rng(1).permutation(61)
    scores, labels = scores[rows], labels[rows]
    compatible = labels == 1
    ranked = resamples.ranked_scores(scores, compatible, 0.1)
    positive, negative = next(resamples.resample_weights(compatible, 3))

    found = resampled(
        resamples.Resamples(
            resamples.at(positive, ranked.positive_order), resamples.at(negative, ranked.negative_order), ranked
        )
    )

    assert tuple(found) == METRIC_NAMES

    for i in range(40):
        weights = np.empty(61, dtype=int)
        weights[compatible], weights[~compatible] = positive[i], negative[i]
        expected = by_library(np.repeat(scores, weights), np.repeat(labels, weights), 0.1)
        assert [values[i] for values in found.values()] == pytest.approx(expected, abs=1e-12)


def test_every_resample_has_as_many_pairs_of_each_label() -> None:
    for positive, negative in resamples.resample_weights(np.repeat([True, False], [30, 20]), 0):
        assert (positive.sum(axis=1) == 30).all()
        assert (negative.sum(axis=1) == 20).all()


def test_blocks_add_up_to_the_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resamples, "_BLOCK_CELLS", 50 * 300)

    sizes = [len(positive) for positive, _ in resamples.resample_weights(np.repeat([True, False], 25), 0)]

    assert sizes == [300] * 6 + [200]


@pytest.mark.parametrize(("n", "expected"), [(20, 2_000), (20_000, 2_000), (40_000, 1_000), (1_000_000, 200)])
def test_fewer_are_drawn_of_many_pairs(n: int, expected: int) -> None:
    assert resamples.resample_count(n) == expected
