from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from src.intervals import auc_roc, delong_interval, welch_interval, wilson_interval


def _draw(rng: np.random.Generator, n: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    labels = np.repeat([0, 1], n // 2)
    return labels, rng.normal(labels * shift)


def _quadratic_delong(labels: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """AUC and its standard error by the formula of the paper, every pair of scores compared."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    kernel = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    error = np.sqrt(kernel.mean(1).var(ddof=1) / len(positive) + kernel.mean(0).var(ddof=1) / len(negative))
    return float(kernel.mean()), float(error)


@pytest.mark.parametrize("decimals", [6, 0])
def test_auc_agrees_with_scikit_learn_with_and_without_ties(decimals: int) -> None:
    labels, scores = _draw(np.random.default_rng(1), 300, 0.7)
    scores = scores.round(decimals)

    assert auc_roc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


@pytest.mark.parametrize("decimals", [6, 0])
def test_delong_agrees_with_the_quadratic_formula(decimals: int) -> None:
    labels, scores = _draw(np.random.default_rng(2), 80, 0.5)
    scores = scores.round(decimals)
    auc, error = _quadratic_delong(labels, scores)

    interval = delong_interval(labels, scores)

    assert interval is not None
    assert interval.auc == pytest.approx(auc, abs=1e-12)
    assert interval.high - interval.low == pytest.approx(2 * 1.959964 * error, rel=1e-6)


def test_the_interval_holds_the_true_auc_in_95_percent_of_400_repetitions() -> None:
    rng = np.random.default_rng(3)
    truth = stats.norm.cdf(1 / np.sqrt(2))
    intervals = [delong_interval(*_draw(rng, 200, 1.0)) for _ in range(400)]
    inside = sum(interval is not None and interval.low <= truth <= interval.high for interval in intervals)

    assert stats.binomtest(inside, 400, 0.95).pvalue > 0.01


def test_turning_the_scores_round_turns_the_interval_round() -> None:
    labels, scores = _draw(np.random.default_rng(4), 100, 0.8)
    one, other = delong_interval(labels, scores), delong_interval(labels, -scores)

    assert one is not None
    assert other is not None
    assert (other.auc, other.low, other.high) == pytest.approx((1 - one.auc, 1 - one.high, 1 - one.low))


def test_the_order_of_the_pairs_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    labels, scores = _draw(rng, 100, 0.8)
    order = rng.permutation(100)

    assert delong_interval(labels[order], scores[order]) == pytest.approx(delong_interval(labels, scores))


def test_equal_scores_have_an_auc_of_one_half() -> None:
    assert delong_interval([0, 0, 1, 1], [3, 3, 3, 3]) == (0.5, 0.5, 0.5)


def test_the_ends_stay_within_zero_and_one() -> None:
    interval = delong_interval([0, 0, 0, 1, 1, 1], [1, 2, 5, 4, 6, 7])

    assert interval is not None
    assert 0 <= interval.low < interval.auc < interval.high == 1


def test_a_missing_label_has_no_auc() -> None:
    assert auc_roc([1, 1], [0.1, 0.2]) is None
    assert delong_interval([1, 1, 1], [0.1, 0.2, 0.3]) is None


def test_one_pair_of_a_label_has_an_auc_but_no_interval() -> None:
    assert auc_roc([0, 1, 1], [0.1, 0.2, 0.3]) == 1.0
    assert delong_interval([0, 1, 1], [0.1, 0.2, 0.3]) is None


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([0, 1], [0.1, float("nan")], "NaN"),
        ([0, 2], [0.1, 0.2], "0 or 1"),
        ([0, 1, 1], [0.1, 0.2], "one shape"),
    ],
)
def test_what_cannot_be_ranked_is_refused(labels: list[int], scores: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        delong_interval(labels, scores)


def test_a_million_pairs_take_seconds() -> None:
    labels, scores = _draw(np.random.default_rng(6), 1_000_000, 1.0)

    interval = delong_interval(labels, scores)

    assert interval is not None
    assert interval.high - interval.low < 0.002


@pytest.mark.parametrize(("hits", "n"), [(0, 3), (3, 3), (12, 45), (1, 1)])
def test_the_interval_of_a_share_is_wilsons(hits: int, n: int) -> None:
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")

    assert wilson_interval(hits, n) == pytest.approx((expected.low, expected.high))


def test_a_share_of_nothing_has_no_interval() -> None:
    assert wilson_interval(0, 0) is None


def test_the_interval_of_a_difference_of_means_is_welchs() -> None:
    rng = np.random.default_rng(4)
    high, low = rng.normal(0.5, 0.1, 12), rng.normal(0.3, 0.4, 31)
    expected = stats.ttest_ind(high, low, equal_var=False).confidence_interval()

    assert welch_interval(high, low) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("high", "low"), [([1.0], [0.0, 1.0]), ([], [0.0, 1.0]), ([1.0, 1.0], [0.5, 0.5])])
def test_means_without_spread_or_of_too_few_have_no_interval(high: list[float], low: list[float]) -> None:
    assert welch_interval(high, low) is None
