from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import ttest_ind

from benchmarks.coverage import Cell, coverage
from src import metrics
from src.evaluation.estimates import (
    auc_difference,
    auc_estimate,
    differences,
    estimates,
    outcome,
    scored,
    why_no_interval,
)
from src.evaluation.variance import Sample

if TYPE_CHECKING:
    from src.evaluation.metric_registry import Scored
    from src.models import Estimate, PairedDifference

NAMES = ["compatibility_margin", "cohens_d", "auc_roc", "average_precision", "spearman_correlation", "f1"]


def drawn(n: int = 200, apart: float = 0.2, seed: int = 0, decimals: int = 9) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 2)
    return np.round(rng.normal(0, 0.2, n) + apart * labels, decimals), labels


def of_pairs(scores: np.ndarray, labels: np.ndarray, threshold: float | None = 0.1, texts=None) -> Scored:
    return scored(scores, Sample(labels == 1, texts), threshold)


def by_name(found: tuple[Estimate, ...]) -> dict[str, Estimate]:
    return {one.name: one for one in found}


class TestEstimates:
    @pytest.mark.parametrize("decimals", [9, 1])
    def test_each_value_is_the_metric_and_lies_in_its_interval(self, decimals: int) -> None:
        scores, labels = drawn(decimals=decimals)

        found = by_name(estimates(of_pairs(scores, labels)))

        assert list(found) == NAMES
        assert found["auc_roc"].value == metrics.auc_roc(scores, labels)
        assert found["average_precision"].value == metrics.average_precision(scores, labels)
        for one in found.values():
            assert one.low < one.value < one.high
            assert one.method
            assert not one.reason

    def test_the_margin_of_independent_pairs_has_the_standard_error_of_welch(self) -> None:
        scores, labels = drawn(2_000)
        expected = ttest_ind(scores[labels == 1], scores[labels == 0], equal_var=False).confidence_interval()

        margin = by_name(estimates(of_pairs(scores, labels)))["compatibility_margin"]

        assert (margin.low, margin.high) == pytest.approx((expected.low, expected.high), rel=2e-3)

    def test_pairs_that_share_texts_have_wider_intervals_and_say_so(self) -> None:
        rng = np.random.default_rng(0)
        of_text = rng.normal(0, 0.2, 40)
        texts = np.stack([np.repeat(np.arange(40), 5), 40 + np.arange(200)], axis=1)
        labels = np.repeat(np.arange(40) % 2, 5)
        scores = of_text[texts[:, 0]] + rng.normal(0, 0.05, 200) + 0.1 * labels

        alone, shared = (estimates(of_pairs(scores, labels, texts=of)) for of in (None, texts))

        for one, other in zip(alone, shared, strict=True):
            assert one.value == other.value
            assert other.high - other.low > 1.5 * (one.high - one.low)
            assert "share" in other.method
            assert "share" not in one.method

    def test_no_threshold_leaves_the_f1_undefined(self) -> None:
        f1 = by_name(estimates(of_pairs(*drawn(), threshold=None)))["f1"]

        assert (f1.value, f1.low, f1.high) == (None, None, None)
        assert f1.reason

    def test_one_label_leaves_everything_undefined(self) -> None:
        found = estimates(of_pairs(np.linspace(0, 1, 20), np.ones(20), threshold=None))

        assert all(one.value is None and one.reason for one in found)

    def test_perfect_separation_has_intervals_although_no_pair_varies(self) -> None:
        scores, labels = drawn(60, apart=3)

        found = by_name(estimates(of_pairs(scores, labels)))

        assert found["auc_roc"].value == found["auc_roc"].high == 1
        assert 0.9 < found["auc_roc"].low < 0.99
        assert found["spearman_correlation"].low < found["spearman_correlation"].value
        assert 0.85 < found["average_precision"].low < found["average_precision"].high == 1

    def test_constant_scores_have_an_auc_of_one_half_without_interval(self) -> None:
        found = by_name(estimates(of_pairs(np.full(40, 0.3), np.arange(40) % 2)))

        assert (found["auc_roc"].value, found["auc_roc"].low) == (0.5, None)
        assert found["cohens_d"].value is found["spearman_correlation"].value is None
        assert all(one.reason for one in found.values() if one.low is None)

    def test_heavy_tails_leave_cohens_d_without_interval_and_the_others_with_theirs(self) -> None:
        scores, labels = drawn()
        scores[:2] = -3, 3

        found = by_name(estimates(of_pairs(scores, labels)))

        assert found["cohens_d"].low is None
        assert "kurtosis" in found["cohens_d"].reason
        assert found["auc_roc"].low is not None

    @pytest.mark.parametrize(
        ("texts", "uses", "shown"), [(59, 8, False), (61, 8, True), (30, 7, True), (15, 20, False)]
    )
    def test_few_texts_with_many_pairs_each_leave_cohens_d_and_f1_without_interval(
        self, texts: int, uses: int, *, shown: bool
    ) -> None:
        n = texts * uses
        scores, labels = drawn(n)
        held = np.stack([np.arange(n) % texts, texts + np.arange(n)], axis=1)

        for sides in (held, held[:, ::-1]):
            of = scored(scores, Sample(labels == 1, sides), 0.1)
            found = by_name(estimates(of))
            assert all((found[name].low is not None) == shown for name in ("cohens_d", "f1"))
            assert ("one side has texts" in (found["f1"].reason or "")) != shown
            assert found["auc_roc"].low is not None
            changes = {one.metric: one.low for one in differences(of, of, "a", "b")}
            assert (changes.get("f1") is not None) == shown

    def test_bad_scores_are_refused(self) -> None:
        with pytest.raises(ValueError, match="finite"):
            of_pairs(np.array([0.1, np.nan, 0.2, 0.3]), np.array([0, 1, 0, 1]))


def test_scores_whose_influence_is_known_have_the_same_clustered_intervals() -> None:
    scores, labels = drawn()
    first = of_pairs(scores, labels)
    sample = first.sample.clustered([f"topic {i % 25}" for i in range(len(labels))])
    before = estimates(first)

    assert estimates(first.related_in(sample)) == estimates(scored(scores, sample, 0.1)) != before
    assert estimates(first) == before


@pytest.mark.parametrize(
    ("clusters", "reason"), [(10, ""), (9, "9 clusters count as 9.0 of equal size; 10 are needed")]
)
def test_a_clustered_interval_needs_clusters(clusters: int, reason: str) -> None:
    sample = Sample(np.arange(90) % 2 == 1).clustered([f"topic {i % clusters}" for i in range(90)])

    found = auc_estimate(np.sin(np.arange(90.0)), sample)

    assert why_no_interval(sample).startswith(reason)
    assert (found.low is None) == bool(reason)
    assert found.value == auc_estimate(np.sin(np.arange(90.0)), Sample(sample.labels)).value
    if not reason:
        assert "one cluster" in found.method


@pytest.mark.parametrize(
    ("labels", "texts", "reason"),
    [
        ([0, 1] * 15, None, ""),
        ([0] * 40 + [1] * 4, None, "fewer than 5"),
        ([0, 1] * 7, None, "28"),
        ([0, 1] * 50, [[0, i + 1] for i in range(100)], "101 texts count as 4"),
    ],
    ids=["enough", "a rare label", "few pairs", "a text in all pairs"],
)
def test_an_interval_needs_pairs_of_both_labels_and_texts(labels: list[int], texts, reason: str) -> None:
    sample = Sample(np.array(labels) == 1, None if texts is None else np.array(texts))

    said = why_no_interval(sample)

    assert reason in said
    assert bool(said) == bool(reason)
    assert (auc_estimate(np.linspace(0, 1, len(labels)), sample).low is None) == bool(reason)


class TestDifferences:
    def differ(self, scores: np.ndarray, others: np.ndarray, labels: np.ndarray) -> dict[str, PairedDifference]:
        ours, theirs = of_pairs(scores, labels), of_pairs(others, labels, 0.05)
        return {one.metric: one for one in differences(ours, theirs, "ours", "theirs")}

    def test_each_value_is_the_difference_of_the_metrics_and_lies_in_its_interval(self) -> None:
        scores, labels = drawn()
        others, _ = drawn(apart=0.1, seed=1)

        found = self.differ(scores, others, labels)

        assert list(found) == NAMES
        assert found["auc_roc"].value == pytest.approx(
            metrics.auc_roc(scores, labels) - metrics.auc_roc(others, labels), abs=1e-12
        )
        for one in found.values():
            assert one.low < one.value < one.high
            assert (one.model, one.against) == ("ours", "theirs")

    def test_swapping_the_models_turns_the_interval_round(self) -> None:
        scores, labels = drawn()
        others = scores + np.random.default_rng(3).normal(0, 0.1, 200)
        sample = Sample(labels == 1)

        forth = auc_difference(scores, others, sample, "a", "b")
        back = auc_difference(others, scores, sample, "b", "a")

        assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low))

    def test_on_correlated_scores_pairing_narrows_the_interval(self) -> None:
        scores, labels = drawn()
        noise = np.random.default_rng(3).normal(0, 0.2, (2, 200))
        like, unlike = scores + 0.2 * noise[0], noise[1] + 0.2 * labels

        narrow, wide = (self.differ(scores, others, labels)["auc_roc"] for others in (like, unlike))

        assert narrow.high - narrow.low < 0.6 * (wide.high - wide.low)

    @pytest.mark.parametrize("metric", ["auc_roc", "average_precision", "spearman_correlation"])
    def test_the_same_ranking_has_a_difference_of_exactly_0(self, metric: str) -> None:
        scores, labels = drawn()

        found = self.differ(2 * scores, scores, labels)[metric]

        assert (found.value, found.low, found.high) == pytest.approx((0, 0, 0), abs=1e-7)
        assert found.outcome == "not distinguishable"

    def test_two_perfect_rankings_are_not_known_to_be_equal(self) -> None:
        scores, labels = drawn(60, apart=3)
        others, _ = drawn(60, apart=3, seed=0)
        others = others + np.linspace(0, 0.01, 60)

        found = self.differ(scores, others, labels)["auc_roc"]

        assert found.value == 0
        assert found.low < -0.01 < 0.01 < found.high

    def test_a_gain_over_constant_scores_has_the_interval_of_the_auc(self) -> None:
        scores, labels = drawn()
        sample = Sample(labels == 1)

        found, auc = auc_difference(scores, np.zeros(200), sample, "a", "b"), auc_estimate(scores, sample)

        assert (found.low, found.high) == pytest.approx((auc.low - 0.5, auc.high - 0.5))

    def test_few_pairs_of_a_label_are_not_estimable_but_have_a_value(self) -> None:
        labels = np.array([1] * 4 + [0] * 40)
        found = self.differ(np.linspace(0, 1, 44), np.linspace(0, 1, 44) ** 2, labels)

        assert all(one.outcome == "not estimable" and one.low is None for one in found.values())
        assert found["auc_roc"].value == 0


def test_models_that_put_the_same_labels_in_the_same_order_do_not_differ_by_a_rounding_error() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        labels, base = rng.random(40) < 0.4, rng.normal(size=40)
        ours = base.copy()
        ours[labels] = rng.permutation(base[labels])
        found = {one.metric: one for one in differences(*(scored(of, Sample(labels)) for of in (ours, base)), "a", "b")}

        spearman = found["spearman_correlation"]
        assert (spearman.value, spearman.outcome) == (0.0, "not distinguishable")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.1, 0.2, "better"),
        (-0.2, -0.1, "worse"),
        (0.0, 0.2, "not distinguishable"),
        (-0.1, 0.0, "not distinguishable"),
    ],
)
def test_only_an_interval_without_0_is_better_or_worse(low: float, high: float, said: str) -> None:
    assert outcome(low, high) == said


@pytest.mark.parametrize(
    "cell",
    [
        Cell(120, 0.5, 0.8),
        Cell(200, 0.1, 0.8),
        Cell(150, 0.5, 0.8, "ties"),
        Cell(300, 0.5, 0.8, uses=3),
        Cell(300, 0.5, 0.8, clusters=50, correlation=0.2),
    ],
    ids=lambda cell: cell.name,
)
def test_the_intervals_hold_the_true_number_about_as_often_as_they_say(cell: Cell) -> None:
    """Of 150 runs 142.5 are expected; fewer than 131 happen to a right interval once in a thousand tests."""
    for name, (held, had) in coverage(cell, runs=150, large=200_000).items():
        assert had > 0.9, name
        assert held * 150 >= 131, name


class TestGrades:
    @staticmethod
    def graded(n: int, seed: int = 0) -> tuple[Scored, Scored]:
        """Two models that follow five grades equally well."""
        rng = np.random.default_rng(seed)
        grades = rng.integers(0, 5, n).astype(float)
        sample = Sample(grades > 2, grades=grades, has_labels=False)
        return scored(0.05 * grades + 0.1 * rng.normal(size=n), sample), scored(
            0.05 * grades + 0.1 * rng.normal(size=n), sample
        )

    def test_nine_of_ten_intervals_at_least_hold_a_true_difference_of_0(self) -> None:
        runs = [differences(*self.graded(80, seed), "a", "b") for seed in range(60)]

        for place in range(5):
            held = [found[place].low <= 0 <= found[place].high for found in runs]
            assert np.mean(held) >= 0.9, runs[0][place].metric

    def test_fewer_than_20_pairs_have_values_and_no_interval(self) -> None:
        found = estimates(self.graded(19)[0])

        assert all(one.value is not None and one.low is None for one in found)
        assert {one.reason for one in found} == {"fewer than 20 pairs: no interval"}
