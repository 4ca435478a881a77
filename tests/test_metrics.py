from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import paired_cosine_distances

from src import metrics
from src.evaluation.confidence import wilson_interval
from src.evaluation.estimates import estimates, scored
from src.evaluation.groups import group_metrics, metrics_by_group
from src.evaluation.variance import Sample
from src.models import FittedOn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import ArrayLike

    Floats = np.ndarray


def _area(scores: Floats, labels: Floats) -> float | None:
    curve = metrics.roc_points(scores, labels)
    return None if curve is None else float(np.trapezoid(curve.true_positive_rate, curve.false_positive_rate))


def _sample(labels: ArrayLike) -> Sample:
    return Sample(np.asarray(labels) == 1)


# Every metric of scores and labels, as one number; a new metric goes here first.
METRICS: dict[str, Callable[[Floats, Floats], float | None]] = {
    "margin": lambda s, y: metrics.separation(s, y).compatibility_margin,
    "cohens_d": lambda s, y: metrics.separation(s, y).cohens_d,
    "t": lambda s, y: metrics.separation(s, y).t_statistic,
    "p": lambda s, y: metrics.separation(s, y).p_value,
    "auc_roc": metrics.auc_roc,
    "average_precision": metrics.average_precision,
    "spearman": metrics.spearman,
    "spearman_ceiling": lambda _, y: metrics.spearman_ceiling(y),
    "best_threshold": metrics.best_threshold,
    "fpr_at_recall": metrics.false_positive_rate_at_recall,
    "roc_area": _area,
    "group_margin": lambda s, y: group_metrics("g", s, _sample(y), 0.0).compatibility_margin,
    "group_auc_low": lambda s, y: group_metrics("g", s, _sample(y), 0.0).auc_low,
}
FLIPS_SIGN = {"margin", "cohens_d", "t", "spearman", "group_margin"}
COMPLEMENTS = {"auc_roc", "roc_area"}
UNCHANGED = {"p", "spearman_ceiling"}
RANK_ONLY = {"auc_roc", "average_precision", "spearman", "spearman_ceiling", "fpr_at_recall", "roc_area"}
TAKE_SCORES = set(METRICS) - {"spearman_ceiling"}


def _draw(seed: int = 0, n: int = 120, decimals: int = 6) -> tuple[Floats, Floats]:
    """Cosines and labels; one decimal gives many ties."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.6).astype(np.int8)
    return np.tanh(rng.normal(labels * 0.7, 0.8)).round(decimals), labels


class TestProperties:
    @pytest.mark.parametrize("name", METRICS)
    @pytest.mark.parametrize("decimals", [6, 1])
    def test_the_order_of_the_pairs_does_not_matter(self, name: str, decimals: int) -> None:
        scores, labels = _draw(decimals=decimals)
        order = np.random.default_rng(1).permutation(len(scores))

        assert METRICS[name](scores[order], labels[order]) == pytest.approx(METRICS[name](scores, labels), abs=1e-12)

    @pytest.mark.parametrize("name", FLIPS_SIGN | COMPLEMENTS | UNCHANGED)
    @pytest.mark.parametrize("decimals", [6, 1])
    def test_swapped_labels_turn_the_metric_round(self, name: str, decimals: int) -> None:
        scores, labels = _draw(decimals=decimals)
        value = METRICS[name](scores, labels)
        assert value is not None
        expected = -value if name in FLIPS_SIGN else 1 - value if name in COMPLEMENTS else value

        assert METRICS[name](scores, 1 - labels) == pytest.approx(expected, abs=1e-12)

    @pytest.mark.parametrize("name", RANK_ONLY)
    def test_only_the_ranking_counts(self, name: str) -> None:
        scores, labels = _draw(decimals=1)

        assert METRICS[name](scores**3 / 2, labels) == METRICS[name](scores, labels)

    @pytest.mark.parametrize("name", METRICS)
    @pytest.mark.parametrize("label", [0, 1])
    @pytest.mark.parametrize("n", [0, 1, 8])
    def test_one_label_alone_decides_nothing(self, name: str, label: int, n: int) -> None:
        assert METRICS[name](np.linspace(-0.5, 0.5, n), np.full(n, label)) is None

    @pytest.mark.parametrize("name", TAKE_SCORES)
    def test_a_score_that_is_not_finite_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="not all are finite"):
            METRICS[name](np.array([0.1, np.nan, 0.3, 0.2, 0.5]), np.array([0, 1, 0, 1, 1]))

    @pytest.mark.parametrize("name", TAKE_SCORES)
    def test_scores_and_labels_of_two_lengths_are_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match=r"\(3,\), labels of shape \(2,\)"):
            METRICS[name](np.array([0.1, 0.2, 0.3]), np.array([0, 1]))

    @pytest.mark.parametrize("name", [name for name in METRICS if not name.startswith("group")])
    @pytest.mark.parametrize("wrong", [2, -1, 0.5, np.nan])
    def test_a_label_other_than_0_and_1_is_refused(self, name: str, wrong: float) -> None:
        with pytest.raises(ValueError, match="0 or 1 is expected"):
            METRICS[name](np.linspace(0, 1, 6), np.array([0, 1, wrong, 1, 0, 1]))

    def test_lists_and_booleans_do_as_well(self) -> None:
        scores, labels = _draw()

        assert metrics.auc_roc(scores.tolist(), (labels == 1).tolist()) == metrics.auc_roc(scores, labels)


class TestCosines:
    def test_agree_with_scikit_learn_for_vectors_of_any_length(self) -> None:
        embeddings = np.random.default_rng(0).normal(scale=5, size=(50, 2, 7)).astype(np.float32)
        expected = 1 - paired_cosine_distances(embeddings[:, 0].astype(float), embeddings[:, 1].astype(float))

        assert metrics.cosine_similarities(embeddings) == pytest.approx(expected, abs=1e-12)

    def test_equal_and_opposite_sides_give_exactly_the_ends_of_the_range(self) -> None:
        side = np.random.default_rng(0).normal(size=(500, 9)).astype(np.float32)
        cosines = metrics.cosine_similarities(
            np.concatenate([np.stack([side, side], axis=1), np.stack([side, -side], axis=1)])
        )

        assert cosines == pytest.approx(np.repeat([1.0, -1.0], 500), abs=1e-12)
        assert np.abs(cosines).max() <= 1

    def test_a_memory_map_gives_the_same_in_constant_memory(self, tmp_path: Path) -> None:
        embeddings = np.random.default_rng(0).normal(size=(60_000, 2, 16)).astype(np.float32)
        np.save(tmp_path / "embeddings.npy", embeddings)
        expected = metrics.cosine_similarities(embeddings)
        mapped = np.load(tmp_path / "embeddings.npy", mmap_mode="r")

        tracemalloc.start()
        found = metrics.cosine_similarities(mapped)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert np.array_equal(found, expected)
        assert peak < 5e6  # the array has 7.7e6 bytes, and twice that as float64

    def test_a_part_of_a_memory_map_is_that_part(self, tmp_path: Path) -> None:
        embeddings = np.random.default_rng(0).normal(size=(40, 2, 4)).astype(np.float32)
        np.save(tmp_path / "embeddings.npy", embeddings)
        mapped = np.load(tmp_path / "embeddings.npy", mmap_mode="r")

        assert metrics.reopened(mapped) is not mapped
        assert np.array_equal(
            metrics.cosine_similarities(mapped[10:20]), metrics.cosine_similarities(embeddings[10:20])
        )

    @pytest.mark.parametrize(("value", "message"), [(0.0, "zero vector"), (np.nan, "finite"), (np.inf, "finite")])
    def test_a_vector_without_a_direction_is_refused(self, value: float, message: str) -> None:
        embeddings = np.ones((5, 2, 3), dtype=np.float32)
        embeddings[3, 1] = value

        with pytest.raises(ValueError, match=message):
            metrics.cosine_similarities(embeddings)

    @pytest.mark.parametrize("shape", [(4, 3), (4, 3, 3), (2, 2, 2, 2)])
    def test_another_shape_is_refused(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match="expected"):
            metrics.cosine_similarities(np.ones(shape, dtype=np.float32))

    def test_no_pairs_have_no_cosines(self) -> None:
        assert metrics.cosine_similarities(np.empty((0, 2, 4), dtype=np.float32)).shape == (0,)


class TestSeparation:
    @pytest.mark.parametrize("decimals", [6, 1])
    def test_agrees_with_scipy(self, decimals: int) -> None:
        scores, labels = _draw(decimals=decimals)
        high, low = scores[labels == 1], scores[labels == 0]
        welch = stats.ttest_ind(high, low, equal_var=False)

        found = metrics.separation(scores, labels)

        assert found.compatible_mean_cosine == pytest.approx(high.mean())
        assert found.incompatible_mean_cosine == pytest.approx(low.mean())
        assert found.compatibility_margin == pytest.approx(high.mean() - low.mean())
        assert found.t_statistic == pytest.approx(welch.statistic)
        assert found.p_value == pytest.approx(welch.pvalue)

    def test_cohens_d_has_the_value_worked_out_by_hand(self) -> None:
        # means 0.5 and 0.1, squared deviations 0.02 and 0.08, pooled variance 0.10 / 3
        found = metrics.separation([0.4, 0.6, -0.1, 0.1, 0.3], [1, 1, 0, 0, 0])

        assert found.cohens_d == pytest.approx(0.4 / np.sqrt(0.10 / 3))

    def test_no_spread_leaves_the_margin_only(self) -> None:
        found = metrics.separation([0.3, 0.3, 0.1, 0.1], [1, 1, 0, 0])

        assert found.compatibility_margin == pytest.approx(0.2)
        assert (found.cohens_d, found.t_statistic, found.p_value) == (None, None, None)

    def test_a_single_pair_of_a_label_leaves_the_margin_only(self) -> None:
        found = metrics.separation([0.3, 0.2, 0.1], [1, 0, 0])

        assert found.compatibility_margin == pytest.approx(0.15)
        assert (found.cohens_d, found.t_statistic, found.p_value) == (None, None, None)

    def test_one_label_keeps_its_own_mean(self) -> None:
        found = metrics.separation([0.3, 0.5], [1, 1])

        assert found.compatible_mean_cosine == pytest.approx(0.4)
        assert found.incompatible_mean_cosine is None


class TestRanking:
    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("decimals", [6, 1])
    def test_agrees_with_the_libraries(self, seed: int, decimals: int) -> None:
        scores, labels = _draw(seed, decimals=decimals)

        assert metrics.auc_roc(scores, labels) == pytest.approx(sk.roc_auc_score(labels, scores), abs=1e-12)
        assert metrics.spearman(scores, labels) == pytest.approx(stats.spearmanr(scores, labels).statistic, abs=1e-12)
        assert metrics.average_precision(scores, labels) == sk.average_precision_score(labels, scores)

    def test_constant_scores_are_chance_and_have_no_correlation(self) -> None:
        scores, labels = np.full(10, 0.3), np.array([0, 1] * 5)

        assert metrics.auc_roc(scores, labels) == 0.5
        assert metrics.spearman(scores, labels) is None

    @pytest.mark.parametrize(("n_high", "n_low", "expected"), [(158, 137, 0.864), (50, 50, 0.866), (1, 9, 0.522)])
    def test_ceiling_of_spearman_is_the_spearman_of_a_perfect_ranking(
        self, n_high: int, n_low: int, expected: float
    ) -> None:
        labels = np.repeat([0, 1], [n_low, n_high])
        perfect = np.arange(len(labels)) / len(labels)

        assert metrics.spearman_ceiling(labels) == pytest.approx(expected, abs=5e-4)
        assert metrics.spearman_ceiling(labels) == pytest.approx(metrics.spearman(perfect, labels))


class TestRoc:
    def test_a_short_curve_is_scikit_learns(self) -> None:
        scores, labels = _draw(decimals=1)
        x, y, _ = sk.roc_curve(labels, scores)

        curve = metrics.roc_points(scores, labels)

        assert curve is not None
        assert (curve.false_positive_rate, curve.true_positive_rate) == (tuple(x), tuple(y))

    def test_a_long_curve_is_cut_to_points_of_itself(self) -> None:
        scores, labels = _draw(n=20_000, decimals=12)
        exact = set(zip(*(axis.tolist() for axis in sk.roc_curve(labels, scores)[:2]), strict=True))

        curve = metrics.roc_points(scores, labels)

        assert curve is not None
        points = list(zip(curve.false_positive_rate, curve.true_positive_rate, strict=True))
        assert 400 < len(points) <= 501
        assert points[0] == (0, 0)
        assert points[-1] == (1, 1)
        assert set(points) <= exact
        assert _area(scores, labels) == pytest.approx(metrics.auc_roc(scores, labels), abs=1e-3)


class TestThresholds:
    @pytest.mark.parametrize("seed", range(10))
    @pytest.mark.parametrize("decimals", [6, 1])
    def test_no_threshold_has_a_better_f1(self, seed: int, decimals: int) -> None:
        scores, labels = _draw(seed, n=60, decimals=decimals)
        best = max(sk.f1_score(labels, scores >= candidate) for candidate in scores)

        threshold = metrics.best_threshold(scores, labels)

        assert threshold is not None
        assert sk.f1_score(labels, scores >= threshold) == best

    def test_lies_half_way_between_the_last_called_and_the_next(self) -> None:
        assert metrics.best_threshold([0.8, 0.6, 0.2, 0.1], [1, 1, 0, 0]) == pytest.approx(0.4)

    def test_of_equal_f1_the_highest_threshold_wins(self) -> None:
        # 1 of 1 called: 2/(1+2); 2 of 4 called: 4/(4+2): the same
        scores, labels = [0.9, 0.8, 0.7, 0.6], [1, 0, 0, 1]

        assert metrics.threshold_metrics(scores, labels, 0.85).f1 == metrics.threshold_metrics(scores, labels, 0.5).f1
        assert metrics.best_threshold(scores, labels) == pytest.approx(0.85)

    def test_is_the_lowest_score_when_all_are_called(self) -> None:
        assert metrics.best_threshold([0.1, 0.2, 0.3, 0.4], [1, 1, 1, 0]) == 0.1

    def test_neighbouring_floats_are_told_apart(self) -> None:
        low, high = 0.5, np.nextafter(0.5, 1)

        assert metrics.best_threshold([high, low], [1, 0]) == high

    @pytest.mark.parametrize("threshold", [-1.0, 0.1, 0.3, 0.35, 1.0])
    def test_confusion_agrees_with_scikit_learn(self, threshold: float) -> None:
        scores, labels = _draw(decimals=1)
        called = scores >= threshold
        low_low, low_high, high_low, high_high = sk.confusion_matrix(labels, called).ravel()

        found = metrics.threshold_metrics(scores, labels, threshold)

        assert (found.true_negatives, found.false_positives) == (low_low, low_high)
        assert (found.false_negatives, found.true_positives) == (high_low, high_high)
        assert found.accuracy == sk.accuracy_score(labels, called)
        assert found.recall == sk.recall_score(labels, called)
        assert found.f1 == pytest.approx(sk.f1_score(labels, called))
        assert found.precision == (sk.precision_score(labels, called) if called.any() else None)

    def test_a_score_at_the_threshold_is_called_compatible(self) -> None:
        assert metrics.threshold_metrics([0.5], [1], 0.5).true_positives == 1

    def test_what_has_no_denominator_is_none(self) -> None:
        only_high = metrics.threshold_metrics([0.1, 0.2], [1, 1], 0.5)
        only_low = metrics.threshold_metrics([0.1, 0.2], [0, 0], 0.15)

        assert (only_high.precision, only_high.false_positive_rate) == (None, None)
        assert (only_high.recall, only_high.f1) == (0, 0)
        assert (only_low.recall, only_low.f1) == (None, None)
        assert only_low.false_positive_rate == 0.5

    def test_no_pair_has_no_confusion(self) -> None:
        with pytest.raises(ValueError, match="at least one"):
            metrics.threshold_metrics([], [], 0.5)

    @pytest.mark.parametrize("recall", [0.05, 0.5, 0.95, 1.0])
    @pytest.mark.parametrize("decimals", [6, 1])
    def test_false_positives_at_a_recall_are_the_fewest_that_reach_it(self, recall: float, decimals: int) -> None:
        scores, labels = _draw(decimals=decimals)
        x, y, _ = sk.roc_curve(labels, scores, drop_intermediate=False)

        assert metrics.false_positive_rate_at_recall(scores, labels, recall) == x[y >= recall - 1e-12].min()

    def test_a_recall_that_is_a_whole_number_of_pairs_asks_for_no_more(self) -> None:
        scores = np.concatenate([np.arange(20, 0, -1) / 100, [0.015]])

        assert metrics.false_positive_rate_at_recall(scores, [1] * 20 + [0], 0.95) == 0

    @pytest.mark.parametrize("recall", [0.0, -0.1, 1.1])
    def test_a_recall_out_of_range_is_refused(self, recall: float) -> None:
        with pytest.raises(ValueError, match="recall"):
            metrics.false_positive_rate_at_recall([0.1, 0.2], [0, 1], recall)


class TestHistogram:
    def test_counts_every_pair_once_by_label(self) -> None:
        scores, labels = _draw(n=500)

        found = metrics.histogram(scores, labels)

        assert len(found.edges) == len(found.compatible) + 1 == len(found.incompatible) + 1
        assert (found.edges[0], found.edges[-1]) == (-1, 1)
        assert (sum(found.compatible), sum(found.incompatible)) == (labels.sum(), 500 - labels.sum())

    def test_scores_beyond_the_range_by_rounding_are_counted_at_its_ends(self) -> None:
        found = metrics.histogram([1 + 1e-9, -1 - 1e-9], [1, 0], bins=4)

        assert found.compatible == (0, 0, 0, 1)
        assert found.incompatible == (1, 0, 0, 0)


class TestGroups:
    def test_a_group_has_the_metrics_of_its_pairs(self) -> None:
        scores, labels = _draw(n=50)
        margin, _, auc, *_ = estimates(scored(scores, _sample(labels)))

        found = group_metrics("values", scores, _sample(labels), 0.2)

        assert (found.name, found.n, found.n_compatible, found.reason) == ("values", 50, labels.sum(), "")
        assert found.compatibility_margin == METRICS["margin"](scores, labels)
        assert found.cohens_d == METRICS["cohens_d"](scores, labels)
        assert found.spearman_correlation == METRICS["spearman"](scores, labels)
        assert (found.auc_roc, found.auc_low, found.auc_high) == (auc.value, auc.low, auc.high)
        assert (found.margin_low, found.margin_high) == (margin.low, margin.high)
        point = metrics.threshold_metrics(scores, labels, 0.2)
        assert found.accuracy == point.accuracy
        alarms = wilson_interval(point.false_positive_rate or 0, int((labels == 0).sum()))
        assert (found.false_positive_low, found.false_positive_high) == pytest.approx(alarms)
        assert (found.false_positives, found.false_positive_rate) == (point.false_positives, point.false_positive_rate)

    @pytest.mark.parametrize(
        ("labels", "reason"),
        [([0, 1, 0, 1], "fewer than 5 pairs"), ([0] * 6, "one label only"), ([1] * 6, "one label")],
    )
    def test_a_group_that_cannot_be_decided_keeps_its_counts(self, labels: list[int], reason: str) -> None:
        found = group_metrics("g", np.full(len(labels), 0.5), _sample(labels), 0.3)

        assert found.reason.startswith(reason)
        assert found.false_positives == labels.count(0)
        assert (found.compatibility_margin, found.cohens_d, found.auc_roc) == (None, None, None)
        assert (found.auc_low, found.auc_high, found.spearman_correlation) == (None, None, None)

    def test_a_single_pair_of_a_label_says_why_there_is_no_interval(self) -> None:
        found = group_metrics("g", [0.1, 0.2, 0.3, 0.4, 0.5], _sample([0, 0, 0, 0, 1]), 0.3)

        assert found.auc_roc == 1
        assert (found.auc_low, found.cohens_d) == (None, None)
        assert "fewer than 5 pairs of a label" in found.reason

    def test_an_empty_group_has_nothing_but_a_reason(self) -> None:
        found = group_metrics("g", [], _sample([]), 0.3)

        assert (found.n, found.accuracy, found.false_positives) == (0, None, None)
        assert found.reason == "fewer than 5 pairs"

    def test_without_a_threshold_there_are_no_false_positives_to_count(self) -> None:
        found = group_metrics("g", _draw()[0], _sample(_draw()[1]), None)

        assert found.auc_roc is not None
        assert (found.accuracy, found.false_positives, found.false_positive_rate) == (None, None, None)
        assert "no operating threshold" in found.reason

    def test_groups_come_sorted_and_each_with_its_own_pairs(self) -> None:
        scores, labels = _draw(n=90)
        names = [("b", "a", "c")[i % 3] for i in range(90)]

        found = metrics_by_group(names, scores, _sample(labels), 0.2)

        assert [group.name for group in found] == ["a", "b", "c"]
        for group in found:
            own = np.array(names) == group.name
            assert group == group_metrics(group.name, scores[own], _sample(labels[own]), 0.2)

    def test_another_number_of_names_is_refused(self) -> None:
        with pytest.raises(ValueError, match="2 names for 3 pairs"):
            metrics_by_group(["a", "b"], [0.1, 0.2, 0.3], _sample([0, 1, 0]), 0.2)


# --- calibration ----------------------------------------------------------------------------------------


def drawn(n: int, shift: float, spread: float = 0.2) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, n)
    return np.clip(spread * rng.normal(size=n) + shift * labels, -1, 1), labels


@pytest.mark.parametrize(("n", "shift"), [(50, 0.1), (300, 0.3), (1000, 0.7), (300, -0.2)])
def test_the_calibration_is_the_unpenalised_logistic_regression(n: int, shift: float) -> None:
    scores, labels = drawn(n, shift)
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(scores[:, None], labels)

    found = metrics.calibration(scores, labels, FittedOn.TRAIN)

    assert found.slope == pytest.approx(model.coef_[0, 0], rel=1e-4)
    assert found.intercept == pytest.approx(model.intercept_[0], rel=1e-4, abs=1e-6)
    assert (found.n, found.n_compatible) == (n, labels.sum())


def test_with_many_pairs_the_interval_of_the_slope_is_walds() -> None:
    scores, labels = drawn(20_000, 0.2)
    found = metrics.calibration(scores, labels, FittedOn.TRAIN)
    chance = 1 / (1 + np.exp(-(found.intercept + found.slope * scores)))
    design = np.column_stack([np.ones_like(scores), scores])
    error = np.sqrt(np.linalg.inv(design.T @ (design * (chance * (1 - chance))[:, None]))[1, 1])

    assert found.slope_low == pytest.approx(found.slope - 1.96 * error, rel=2e-3)
    assert found.slope_high == pytest.approx(found.slope + 1.96 * error, rel=2e-3)


def test_the_interval_of_the_slope_covers_the_truth() -> None:
    rng, held, runs = np.random.default_rng(1), 0, 300
    for _ in range(runs):
        scores = rng.normal(0.3, 0.2, 60)
        labels = rng.random(60) < 1 / (1 + np.exp(-(-1 + 4 * scores)))
        found = metrics.calibration(scores, labels, FittedOn.TRAIN)
        held += (found.slope_low or -np.inf) <= 4 <= (found.slope_high or np.inf)

    assert 0.915 <= held / runs <= 0.98


@pytest.mark.parametrize("tied", [False, True])
def test_labels_that_do_not_overlap_have_a_slope_without_an_upper_end_and_a_middle(tied: bool) -> None:
    low, high = np.linspace(-0.5, 0.1, 50), np.linspace(0.1 if tied else 0.3, 0.9, 50)
    scores, labels = np.r_[low, high], np.repeat([0, 1], 50)

    found = metrics.calibration(scores, labels, FittedOn.TRAIN)
    falling = metrics.calibration(-scores, labels, FittedOn.TRAIN)

    assert (found.slope, found.slope_high) == (None, None)
    assert found.slope_low is not None
    assert found.slope_low > 0
    assert found.separated_at == pytest.approx(0.1 if tied else 0.2)
    assert falling.slope_high == pytest.approx(-found.slope_low)
    assert (falling.slope_low, falling.separated_at) == (None, None)


def test_two_pairs_do_not_show_a_slope_although_their_labels_do_not_overlap() -> None:
    found = metrics.calibration([0.1, 0.2], [0, 1], FittedOn.TRAIN)

    assert found.slope_low is not None
    assert found.slope_low < 0


@pytest.mark.parametrize(("scores", "labels"), [([0.1, 0.3], [1, 1]), ([0.2, 0.2], [0, 1])])
def test_one_label_or_one_cosine_has_no_calibration(scores: list[float], labels: list[int]) -> None:
    found = metrics.calibration(scores, labels, FittedOn.TRAIN)

    assert (found.slope, found.slope_low, found.slope_high, found.separated_at) == (None, None, None, None)


def test_of_very_many_pairs_a_sample_is_calibrated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MAX_CALIBRATION_PAIRS", 500)

    assert metrics.calibration(*drawn(2000, 0.3), FittedOn.TRAIN).n == 500


class TestGrades:
    def test_with_two_labels_they_are_the_metrics_of_the_labels(self) -> None:
        rng = np.random.default_rng(3)
        labels = np.arange(60) % 5 < 2
        scores, grades = np.round(rng.normal(size=60) + labels, 1), labels.astype(float)
        alike, other = metrics.concordant_counts(scores, grades)

        assert alike.sum() / other.sum() == pytest.approx(metrics.auc_roc(scores, labels), abs=1e-12)
        assert metrics.grade_spearman(scores, grades) == pytest.approx(metrics.spearman(scores, labels), abs=1e-12)
        assert metrics.grade_ceiling(grades) == pytest.approx(metrics.spearman_ceiling(labels), abs=1e-12)
        assert metrics.grade_slope(scores, grades) == pytest.approx(metrics.margin_and_d(scores, labels)[0])
        assert metrics.thirds_margin(scores, grades) == pytest.approx(metrics.margin_and_d(scores, labels)[0])

    @pytest.mark.parametrize("levels", [1, 3, 7])
    def test_couples_of_different_grades_are_counted_as_one_by_one(self, levels: int) -> None:
        rng = np.random.default_rng(levels)
        scores, grades = rng.integers(0, 6, 50) / 10, rng.integers(0, levels, 50).astype(float)
        apart = np.sign(grades[:, None] - grades)

        alike, other = metrics.concordant_counts(scores, grades)

        assert other.tolist() == (apart != 0).sum(axis=1).tolist()
        one_by_one = (apart != 0) * (0.5 + 0.5 * apart * np.sign(scores[:, None] - scores))
        assert alike == pytest.approx(one_by_one.sum(axis=1))

    def test_a_perfect_ranking_reaches_the_ceiling(self) -> None:
        grades = np.repeat([0.0, 1.0, 3.0], [5, 2, 9])

        assert metrics.grade_spearman(np.arange(16.0), grades) == pytest.approx(metrics.grade_ceiling(grades))

    def test_pairs_of_one_grade_share_the_border_of_a_third(self) -> None:
        above, below = metrics.third_weights(np.array([0.0, 1, 1, 1, 1, 2]))

        assert above == pytest.approx([0, 0.25, 0.25, 0.25, 0.25, 1])
        assert below == pytest.approx([1, 0.25, 0.25, 0.25, 0.25, 0])

    def test_equal_grades_define_nothing(self) -> None:
        scores, grades = np.linspace(0, 1, 9), np.ones(9)

        assert metrics.grade_spearman(scores, grades) is None
        assert metrics.grade_ceiling(grades) is None
        assert metrics.grade_slope(scores, grades) is None
        assert metrics.thirds_margin(scores, grades) is None
