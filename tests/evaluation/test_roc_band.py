from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from src.evaluation.estimates import scored
from src.evaluation.roc_band import GRID_POINTS, roc_band
from src.evaluation.variance import Sample

if TYPE_CHECKING:
    from src.models import RocBand


def drawn(n: int, shift: float = 1.0, decimals: int = 9, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    labels = np.arange(n) % 2
    return np.random.default_rng(seed).normal(labels * shift).round(decimals), labels


def band_of(scores: np.ndarray, labels: np.ndarray, texts: np.ndarray | None = None) -> RocBand | None:
    return roc_band(scored(scores, Sample(np.asarray(labels) == 1, texts)))


@pytest.mark.parametrize("decimals", [9, 1])
def test_the_curve_of_the_library_lies_in_the_band(decimals: int) -> None:
    scores, labels = drawn(80, decimals=decimals)
    band = band_of(scores, labels)
    assert band is not None

    x, y, _ = roc_curve(labels, scores, drop_intermediate=False)
    highest = np.maximum.accumulate(y)[np.searchsorted(x, np.linspace(0, 1, GRID_POINTS) + 1e-9, side="right") - 1]

    assert (np.array(band.low) <= highest + 1e-9).all()
    assert (highest <= np.array(band.high) + 1e-9).all()


def test_pairs_that_share_texts_make_it_wider() -> None:
    scores, labels = drawn(200)
    scores, labels = np.repeat(scores[:50], 4), np.repeat(labels[:50], 4)
    texts = np.repeat(np.arange(100).reshape(50, 2), 4, axis=0)

    alone, shared = band_of(scores, labels), band_of(scores, labels, texts)

    assert alone is not None
    assert shared is not None
    assert np.subtract(shared.high, shared.low).mean() > 1.5 * np.subtract(alone.high, alone.low).mean()


def test_it_runs_from_left_to_right_and_never_down() -> None:
    band = band_of(*drawn(200))

    assert band is not None
    assert (band.false_positive_rate[0], band.false_positive_rate[-1]) == (0.0, 1.0)
    assert len(band.false_positive_rate) == len(band.low) == len(band.high) == GRID_POINTS
    for limit in (band.low, band.high):
        assert (np.diff(limit) >= 0).all()
    assert band.high[-1] == 1
    assert all(low <= high for low, high in zip(band.low, band.high, strict=True))


def test_more_pairs_make_it_narrower() -> None:
    widths = []
    for n in (60, 600):
        band = band_of(*drawn(n))
        assert band is not None
        widths.append(np.mean(np.subtract(band.high, band.low)))

    assert widths[1] < widths[0] / 2


def test_it_holds_the_curve_of_the_population_about_as_often_as_it_says() -> None:
    from scipy.stats import norm

    rate = 0.2
    truth = norm.sf(norm.isf(rate) - 1.0)
    held = 0
    for seed in range(60):
        band = band_of(*drawn(200, seed=seed))
        assert band is not None
        place = band.false_positive_rate.index(rate)
        held += band.low[place] <= truth <= band.high[place]

    assert held >= 52


@pytest.mark.parametrize("labels", [[1] * 20, [1] * 16 + [0] * 4])
def test_a_label_with_fewer_than_five_pairs_has_no_band(labels: list[int]) -> None:
    assert band_of(np.arange(20.0), np.array(labels)) is None


def test_equal_scores_have_no_band() -> None:
    assert band_of(np.ones(40), np.arange(40) % 2) is None


def test_a_perfect_ranking_has_a_band_with_a_width() -> None:
    band = band_of(np.arange(40.0), np.repeat([0, 1], 20))

    assert band is not None
    assert band.high[0] == 1
    assert 0.7 < band.low[0] < 0.95


def test_it_says_how_it_was_made() -> None:
    band = band_of(*drawn(40))

    assert band is not None
    assert band.method.endswith("pointwise")
    assert band == band_of(*drawn(40))
