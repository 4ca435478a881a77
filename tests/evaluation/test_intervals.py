from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from src.evaluation.bootstrap import bootstrap_differences
from src.evaluation.intervals import (
    delong_difference,
    delong_interval,
    outcome,
    perfect_separation_bound,
    welch_interval,
    wilson_interval,
)


def _draw(rng: np.random.Generator, n: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    labels = np.repeat([0, 1], n // 2)
    return rng.normal(labels * shift), labels


def _quadratic_delong(labels: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """AUC and its standard error by the formula of the paper, every pair of scores compared."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    kernel = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    error = np.sqrt(kernel.mean(1).var(ddof=1) / len(positive) + kernel.mean(0).var(ddof=1) / len(negative))
    return float(kernel.mean()), float(error)


@pytest.mark.parametrize("decimals", [6, 0])
def test_delong_agrees_with_the_quadratic_formula(decimals: int) -> None:
    scores, labels = _draw(np.random.default_rng(2), 80, 0.5)
    scores = scores.round(decimals)
    auc, error = _quadratic_delong(labels, scores)

    interval = delong_interval(scores, labels)

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
    scores, labels = _draw(np.random.default_rng(4), 100, 0.8)
    one, other = delong_interval(scores, labels), delong_interval(-scores, labels)

    assert one is not None
    assert other is not None
    assert (other.auc, other.low, other.high) == pytest.approx((1 - one.auc, 1 - one.high, 1 - one.low))


def test_the_order_of_the_pairs_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    scores, labels = _draw(rng, 100, 0.8)
    order = rng.permutation(100)

    assert delong_interval(scores[order], labels[order]) == pytest.approx(delong_interval(scores, labels))


def test_equal_scores_have_no_interval_because_every_draw_of_pairs_would_give_one_half() -> None:
    assert delong_interval([3] * 10, [0] * 5 + [1] * 5) is None


@pytest.mark.parametrize(("of_each", "bound"), [(5, 0.478176), (30, 0.884296), (300, 0.987779)])
def test_perfect_separation_has_the_exact_bound_of_as_many_trials_without_a_failure(of_each: int, bound: float) -> None:
    labels, scores = [0] * of_each + [1] * (of_each + 3), np.arange(2 * of_each + 3)
    by_library = stats.binomtest(of_each, of_each).proportion_ci(0.95, method="exact").low

    assert perfect_separation_bound(of_each) == pytest.approx(by_library)
    assert delong_interval(scores, labels) == pytest.approx((1, bound, 1), abs=1e-6)
    assert delong_interval(-scores, labels) == pytest.approx((0, 0, 1 - bound), abs=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_nearly_perfect_ranking_has_no_narrower_interval_than_perfect_separation(sign: int) -> None:
    labels, scores = [0] * 10 + [1] * 10, np.arange(20.0)
    scores[[9, 10]] = scores[[10, 9]]

    found = delong_interval(sign * scores, labels)

    assert found is not None
    assert found.auc == pytest.approx(0.99 if sign > 0 else 0.01)
    end = found.low if sign > 0 else 1 - found.high
    assert end == pytest.approx(perfect_separation_bound(10))


def test_the_interval_of_a_nearly_perfect_ranking_holds_the_true_auc() -> None:
    rng = np.random.default_rng(16)
    truth = stats.norm.cdf(3.3 / np.sqrt(2))
    found = [delong_interval(*_draw(rng, 80, 3.3)) for _ in range(300)]

    too_high = np.mean([interval is not None and interval.low > truth for interval in found])
    assert too_high <= 0.025


def test_an_auc_below_the_bound_separates_perfectly_in_less_than_one_draw_in_40() -> None:
    rng = np.random.default_rng(15)
    truth = perfect_separation_bound(5) - 0.001
    shift = stats.norm.ppf(truth) * np.sqrt(2)
    draws = rng.normal(size=(20_000, 2, 5)) + np.array([shift, 0.0])[:, None]
    perfect = (draws[:, 0].min(axis=1) > draws[:, 1].max(axis=1)).mean()

    assert perfect < 0.025


def test_the_ends_stay_within_zero_and_one() -> None:
    interval = delong_interval([1, 2, 3, 4, 7, 6, 8, 9, 10, 11], [0] * 5 + [1] * 5)

    assert interval is not None
    assert 0 <= interval.low < interval.auc < interval.high == 1


def test_a_missing_label_has_no_interval() -> None:
    assert delong_interval([0.1, 0.2, 0.3], [1, 1, 1]) is None


@pytest.mark.parametrize(("pairs", "has_interval"), [(1, False), (4, False), (5, True)])
def test_an_interval_needs_five_pairs_of_each_label(pairs: int, has_interval: bool) -> None:
    labels = [0] * pairs + [1] * 20

    assert (delong_interval(list(range(len(labels))), labels) is not None) is has_interval


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
        delong_interval(scores, labels)


def test_a_million_pairs_take_seconds() -> None:
    scores, labels = _draw(np.random.default_rng(6), 1_000_000, 1.0)

    interval = delong_interval(scores, labels)

    assert interval is not None
    assert interval.high - interval.low < 0.002


# --- paired ---------------------------------------------------------------------------------------------


def _draw_two(
    rng: np.random.Generator, n: int, shifts: tuple[float, float], common: float = 0.8
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two scores of the same pairs, whose noise has a correlation of `common`."""
    labels = np.repeat([0, 1], n // 2)
    shared, own = rng.normal(size=n), rng.normal(size=(2, n))
    noise = np.sqrt(common) * shared + np.sqrt(1 - common) * own
    return labels * shifts[0] + noise[0], labels * shifts[1] + noise[1], labels


def _quadratic_paired_delong(labels: np.ndarray, scores: np.ndarray, others: np.ndarray) -> tuple[float, float]:
    """Difference of two AUCs and its standard error by the formula of the paper: contrast of the 2 x 2 covariance."""
    kernels = []
    for own in (scores, others):
        positive, negative = own[labels == 1], own[labels == 0]
        kernels.append((positive[:, None] > negative) + 0.5 * (positive[:, None] == negative))
    n_positive, n_negative = kernels[0].shape
    s10 = np.cov([kernel.mean(axis=1) for kernel in kernels])
    s01 = np.cov([kernel.mean(axis=0) for kernel in kernels])
    contrast = np.array([1, -1])
    variance = contrast @ (s10 / n_positive + s01 / n_negative) @ contrast
    return float(kernels[0].mean() - kernels[1].mean()), float(np.sqrt(variance))


@pytest.mark.parametrize("decimals", [6, 0])
@pytest.mark.parametrize("positive", [40, 15])
def test_the_paired_difference_agrees_with_the_quadratic_formula(decimals: int, positive: int) -> None:
    scores, others, labels = _draw_two(np.random.default_rng(7), 80, (0.9, 0.5))
    kept = np.arange(80) < 40 + positive
    labels, scores, others = labels[kept], scores[kept].round(decimals), others[kept].round(decimals)
    value, error = _quadratic_paired_delong(labels, scores, others)

    found = delong_difference(scores, others, labels, "tuned", "bag_of_words")

    assert (found.model, found.against, found.metric) == ("tuned", "bag_of_words", "auc_roc")
    assert found.method == "DeLong, paired"
    assert found.value == pytest.approx(value, abs=1e-12)
    assert found.low == pytest.approx(value - 1.959964 * error, abs=1e-6)
    assert found.high == pytest.approx(value + 1.959964 * error, abs=1e-6)


def test_the_paired_difference_is_that_of_the_two_aucs() -> None:
    scores, others, labels = _draw_two(np.random.default_rng(8), 100, (1.0, 0.3))

    found = delong_difference(scores, others, labels, "m", "bag_of_words")

    assert found.value == pytest.approx(roc_auc_score(labels, scores) - roc_auc_score(labels, others), abs=1e-12)


def test_on_correlated_scores_pairing_narrows_the_interval() -> None:
    scores, others, labels = _draw_two(np.random.default_rng(9), 200, (0.9, 0.7))
    one, other = delong_interval(scores, labels), delong_interval(others, labels)
    assert one is not None
    assert other is not None

    found = delong_difference(scores, others, labels, "m", "bag_of_words")

    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low < 0.75 * np.hypot(one.high - one.low, other.high - other.low)


@pytest.mark.parametrize(
    ("shifts", "forth", "back"), [((2.0, 0.2), "better", "worse"), ((0.5, 0.5), *["not distinguishable"] * 2)]
)
def test_swapping_the_models_turns_the_difference_round(shifts: tuple[float, float], forth: str, back: str) -> None:
    scores, others, labels = _draw_two(np.random.default_rng(10), 120, shifts)

    one, other = (
        delong_difference(scores, others, labels, "m", "bag_of_words"),
        delong_difference(others, scores, labels, "m", "bag_of_words"),
    )

    assert (one.outcome, other.outcome) == (forth, back)
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    assert (other.value, other.low, other.high) == pytest.approx((-one.value, -one.high, -one.low), abs=1e-12)


def test_the_paired_interval_agrees_with_a_paired_bootstrap_on_300_pairs() -> None:
    scores, others, labels = _draw_two(np.random.default_rng(11), 300, (0.9, 0.6))
    by_draws = next(
        difference
        for difference in bootstrap_differences(
            scores, others, labels, threshold=0.0, base_threshold=0.0, seed=1, model="m"
        )
        if difference.metric == "auc_roc"
    )

    found = delong_difference(scores, others, labels, "m", "bag_of_words")

    assert found.value == pytest.approx(by_draws.value, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((by_draws.low, by_draws.high), abs=0.005)
    assert found.outcome == by_draws.outcome


def test_the_paired_interval_holds_a_true_difference_of_0_in_95_percent_of_400_repetitions() -> None:
    rng = np.random.default_rng(12)
    found = [delong_difference(*_draw_two(rng, 200, (0.8, 0.8)), "m", "b") for _ in range(400)]
    held = sum(difference.outcome == "not distinguishable" for difference in found)

    assert stats.binomtest(held, 400, 0.95).pvalue > 0.01


def test_the_scale_of_either_score_does_not_matter() -> None:
    scores, others, labels = _draw_two(np.random.default_rng(13), 100, (0.9, 0.4))

    assert delong_difference(np.tanh(scores), 50 * others - 7, labels, "m", "bag_of_words") == delong_difference(
        scores, others, labels, "m", "bag_of_words"
    )


def test_two_perfect_rankings_are_compared_by_their_exact_bounds() -> None:
    labels, scores = [0] * 30 + [1] * 30, np.arange(60.0)
    bound = perfect_separation_bound(30)

    even = delong_difference(scores, scores**2, labels, "m", "bag_of_words")
    ahead = delong_difference(scores, np.zeros(60), labels, "m", "bag_of_words")
    none = delong_difference(np.ones(60), np.zeros(60), labels, "m", "bag_of_words")

    assert (even.value, even.low, even.high) == pytest.approx((0, bound - 1, 1 - bound))
    assert even.outcome == "not distinguishable"
    assert (ahead.value, ahead.low, ahead.high) == pytest.approx((0.5, bound - 0.5, 0.5))
    assert (none.value, none.low, none.outcome) == (0, None, "not estimable")


def test_equal_scores_have_a_difference_of_0_and_are_not_distinguishable() -> None:
    scores, labels = _draw(np.random.default_rng(14), 100, 0.5)

    found = delong_difference(scores, scores, labels, "m", "bag_of_words")

    assert (found.value, found.low, found.high, found.outcome) == (0.0, 0.0, 0.0, "not distinguishable")


def test_a_difference_that_every_pair_repeats_is_not_estimable() -> None:
    labels = [0] * 5 + [1] * 5
    passed = np.arange(5.0)

    found = delong_difference([*passed, *(passed + 0.5)], [*passed, *(passed - 0.5)], labels, "m", "bag_of_words")

    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high, found.outcome) == (None, None, "not estimable")


def test_the_ends_of_a_difference_stay_within_minus_1_and_1() -> None:
    labels, scores = [0] * 5 + [1] * 5, [1, 2, 3, 4, 7, 6, 8, 9, 10, 11]
    against = [-score for score in scores]

    better, worse = (
        delong_difference(scores, against, labels, "m", "bag_of_words"),
        delong_difference(against, scores, labels, "m", "bag_of_words"),
    )

    assert better.high == 1
    assert worse.low == -1


@pytest.mark.parametrize("labels", [[], [1, 1, 1], [0, 0, 0], [0] * 4 + [1] * 20, [0] * 20 + [1] * 4])
def test_with_fewer_than_five_pairs_of_a_label_a_difference_is_not_estimable(labels: list[int]) -> None:
    scores = np.linspace(0, 1, len(labels))

    found = delong_difference(scores, -scores, labels, "m", "bag_of_words")

    assert found.outcome == "not estimable"
    assert (found.model, found.metric) == ("m", "auc_roc")
    assert (found.value, found.low, found.high, found.method) == (None, None, None, "")


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("bad", "message"), [([0.1, float("nan"), 0.2, 0.3], "NaN"), ([0.1, 0.2, 0.3], "one shape")])
def test_scores_that_cannot_be_ranked_are_refused_on_either_side(first: bool, bad: list[float], message: str) -> None:
    good = [0.1, 0.2, 0.3, 0.4]
    scores, others = (bad, good) if first else (good, bad)

    with pytest.raises(ValueError, match=message):
        delong_difference(scores, others, [0, 1, 0, 1], "m", "bag_of_words")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.1, 0.3, "better"),
        (-0.3, -0.1, "worse"),
        (-0.1, 0.1, "not distinguishable"),
        (0.0, 0.1, "not distinguishable"),
        (-0.1, 0.0, "not distinguishable"),
        (0.0, 0.0, "not distinguishable"),
    ],
)
def test_only_an_interval_without_0_is_better_or_worse(low: float, high: float, said: str) -> None:
    assert outcome(low, high) == said


@pytest.mark.parametrize(("successes", "n"), [(0, 3), (3, 3), (12, 45), (1, 1), (200, 100_000)])
def test_each_end_of_the_interval_of_a_share_lies_1_96_standard_errors_of_that_end_from_the_share(
    successes: int, n: int
) -> None:
    interval = wilson_interval(successes, n)

    assert interval is not None
    share = successes / n
    for end in interval:
        assert end == share or abs(end - share) == pytest.approx(1.959964 * np.sqrt(end * (1 - end) / n), rel=1e-6)
    assert 0 <= interval[0] <= share <= interval[1] <= 1
    assert interval[0] < interval[1]


def test_a_share_of_nothing_has_no_interval() -> None:
    assert wilson_interval(0, 0) is None


@pytest.mark.parametrize("spread", [0.1, 0.0])
def test_the_interval_of_a_difference_of_means_has_the_degrees_of_freedom_of_welch(
    spread: float,
) -> None:
    rng = np.random.default_rng(4)
    positive, negative = rng.normal(0.5, spread, 12), rng.normal(0.3, 0.4, 31)
    errors = np.array([positive.var(ddof=1) / 12, negative.var(ddof=1) / 31])
    freedom = errors.sum() ** 2 / (errors**2 / [11, 30]).sum()
    half = stats.t.ppf(0.975, freedom) * np.sqrt(errors.sum())
    middle = positive.mean() - negative.mean()

    assert welch_interval(positive, negative) == pytest.approx((middle - half, middle + half), abs=1e-12)


@pytest.mark.parametrize(
    ("positive", "negative"), [([1.0], [0.0, 1.0]), ([], [0.0, 1.0]), ([1.0, 1.0], [0.5, 0.5]), ([0.1] * 3, [0.3] * 3)]
)
def test_means_without_spread_or_of_too_few_have_no_interval(positive: list[float], negative: list[float]) -> None:
    assert welch_interval(positive, negative) is None
