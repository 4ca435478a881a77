from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from src.evaluation.resamples import resample_weights
from src.evaluation.roc_band import GRID_POINTS, roc_band


def drawn(n: int, shift: float = 1.0, decimals: int = 9, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    labels = np.arange(n) % 2
    return np.random.default_rng(seed).normal(labels * shift).round(decimals), labels


@pytest.mark.parametrize("decimals", [9, 1])
def test_the_band_is_that_of_the_librarys_curves_of_the_pairs_drawn(decimals: int) -> None:
    scores, labels = drawn(60, decimals=decimals)
    band = roc_band(scores, labels, seed=3)
    assert band is not None

    grid = np.linspace(0, 1, GRID_POINTS)
    curves = []
    for positive, negative in resample_weights(labels == 1, 3):
        for ones, zeros in zip(positive, negative, strict=True):
            weights = np.empty(60)
            weights[labels == 1], weights[labels == 0] = ones, zeros
            x, y, _ = roc_curve(labels, scores, sample_weight=weights, drop_intermediate=False)
            # the highest point that the curve has at or left of each rate
            curves.append(np.maximum.accumulate(y)[np.searchsorted(x, grid + 1e-9, side="right") - 1])
    low, high = np.percentile(curves, [2.5, 97.5], axis=0)
    assert band.low == pytest.approx(low)
    assert band.high == pytest.approx(high)


def test_it_runs_from_left_to_right_and_never_down() -> None:
    band = roc_band(*drawn(200), seed=0)

    assert band is not None
    assert (band.false_positive_rate[0], band.false_positive_rate[-1]) == (0.0, 1.0)
    assert len(band.false_positive_rate) == len(band.low) == len(band.high) == GRID_POINTS
    for limit in (band.low, band.high):
        assert (np.diff(limit) >= 0).all()
        assert limit[-1] == 1
    assert all(low <= high for low, high in zip(band.low, band.high, strict=True))


def test_more_pairs_make_it_narrower() -> None:
    widths = []
    for n in (60, 600):
        band = roc_band(*drawn(n), seed=0)
        assert band is not None
        widths.append(np.mean(np.subtract(band.high, band.low)))

    assert widths[1] < widths[0] / 2


def test_it_holds_the_curve_of_the_population_about_as_often_as_it_says() -> None:
    from scipy.stats import norm

    rate = 0.2
    truth = norm.sf(norm.isf(rate) - 1.0)
    held = 0
    for seed in range(60):
        band = roc_band(*drawn(200, seed=seed), seed=0)
        assert band is not None
        place = band.false_positive_rate.index(rate)
        held += band.low[place] <= truth <= band.high[place]

    assert held >= 52


@pytest.mark.parametrize("labels", [[1] * 20, [1] * 16 + [0] * 4])
def test_a_label_with_fewer_than_five_pairs_has_no_band(labels: list[int]) -> None:
    assert roc_band(np.arange(20.0), labels, seed=0) is None


@pytest.mark.parametrize("scores", [np.arange(20.0), -np.arange(20.0), np.ones(20)], ids=["best", "worst", "equal"])
def test_a_curve_that_every_resample_repeats_has_no_band(scores: np.ndarray) -> None:
    assert roc_band(scores, np.repeat([0, 1], 10), seed=0) is None


def test_it_says_how_it_was_made() -> None:
    band = roc_band(*drawn(20), seed=7)

    assert band is not None
    assert band.method == "percentile bootstrap, stratified by label, 2,000 resamples, seed 7, pointwise"
    assert band == roc_band(*drawn(20), seed=7)
