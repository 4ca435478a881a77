from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from src import metrics
from src.evaluation import bootstrap, resamples
from src.evaluation.intervals import delong_interval
from src.evaluation.metric_registry import Metric
from src.wording.metrics import MetricText
from tests.support.known_scores import METRIC_NAMES, by_library, draw_scores

ESTIMATE_SEED = 7


class TestEstimates:
    def test_fewer_resamples_are_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resamples, "FULL_UP_TO", 50)

        estimates = bootstrap.bootstrap_estimates(*draw_scores(), 0.1, 7)

        assert {e.method for e in estimates} == {
            "percentile bootstrap, stratified by label, 1,000 resamples (instead of 2,000: more than 50 pairs), seed 7"
        }

    @pytest.mark.parametrize("decimals", [6, 1])
    def test_each_value_is_the_metric_and_lies_in_its_interval(self, decimals: int) -> None:
        scores, labels = draw_scores(decimals=decimals)

        estimates = bootstrap.bootstrap_estimates(scores, labels, 0.1, ESTIMATE_SEED)

        assert tuple(e.name for e in estimates) == METRIC_NAMES
        assert [e.value for e in estimates] == pytest.approx(by_library(scores, labels, 0.1), abs=1e-12)
        assert all(e.low < e.value < e.high for e in estimates)
        assert {e.method for e in estimates} == {"percentile bootstrap, stratified by label, 2,000 resamples, seed 7"}
        assert {e.reason for e in estimates} == {""}

    def test_the_seed_decides(self) -> None:
        scores, labels = draw_scores()

        first = bootstrap.bootstrap_estimates(scores, labels, 0.1, 1)

        assert first == bootstrap.bootstrap_estimates(scores, labels, 0.1, 1)
        assert first != bootstrap.bootstrap_estimates(scores, labels, 0.1, 2)

    @pytest.mark.parametrize("decimals", [6, 1])
    def test_the_auc_has_the_interval_of_delong(self, decimals: int) -> None:
        scores, labels = draw_scores(400, decimals=decimals)
        delong = delong_interval(scores, labels)

        found = bootstrap.bootstrap_estimates(scores, labels, 0.1, 0)[2]

        assert delong is not None
        assert (found.low, found.high) == pytest.approx((delong.low, delong.high), abs=0.01)

    def test_the_margin_has_the_interval_of_the_normal_theory(self) -> None:
        scores, labels = draw_scores(400)
        error = np.sqrt(sum(scores[labels == label].var(ddof=1) / 200 for label in (0, 1)))

        found = bootstrap.bootstrap_estimates(scores, labels, 0.1, 0)[0]

        assert (found.low, found.high) == pytest.approx(
            (found.value - 1.96 * error, found.value + 1.96 * error), abs=0.005
        )

    def test_no_threshold_leaves_the_f1_undefined(self) -> None:
        found = bootstrap.bootstrap_estimates(*draw_scores(), None, 0)

        assert found[5].value is None
        assert found[5].reason == "not defined on this data"
        assert all(e.low is not None for e in found[:5])

    def test_one_label_leaves_everything_undefined(self) -> None:
        found = bootstrap.bootstrap_estimates(np.linspace(0, 1, 9), np.zeros(9), 0.5, 0)

        assert {(e.value, e.low, e.high) for e in found} == {(None, None, None)}

    def test_four_pairs_of_a_label_have_values_without_intervals(self) -> None:
        found = bootstrap.bootstrap_estimates(np.linspace(0, 1, 20), np.repeat([0, 1], [16, 4]), 0.5, 0)

        assert all(e.value is not None for e in found)
        assert {(e.low, e.reason) for e in found} == {(None, "fewer than 5 pairs of a label: no interval")}

    def test_constant_scores_have_no_d_and_no_correlation(self) -> None:
        margin, effect, auc, _, correlation, _ = bootstrap.bootstrap_estimates(
            np.full(20, 0.1), np.repeat([0, 1], 10), 0.5, 0
        )

        assert (effect.value, effect.low, correlation.value, correlation.low) == (None, None, None, None)
        assert (margin.value, auc.value) == (0, 0.5)

    @pytest.mark.parametrize("sign", [1, -1])
    def test_perfect_separation_has_the_exact_interval_of_its_auc_and_spearman(self, sign: int) -> None:
        scores, labels = draw_scores(60, shift=40)
        found = {e.name: e for e in bootstrap.bootstrap_estimates(sign * scores, labels, 1.0, 0)}
        auc, correlation = found["auc_roc"], found["spearman_correlation"]
        delong = delong_interval(sign * scores, labels)

        assert delong is not None
        assert (auc.value, auc.low, auc.high, auc.reason) == (*delong, "")
        assert auc.high - auc.low > 0.1
        assert (correlation.low, correlation.high) == pytest.approx(
            [(2 * end - 1) * abs(correlation.value) for end in (auc.low, auc.high)]
        )
        assert correlation.value in (pytest.approx(correlation.low), pytest.approx(correlation.high))

    @pytest.mark.parametrize("sign", [1, -1])
    def test_a_nearly_perfect_ranking_has_no_narrower_interval_than_perfect_separation(self, sign: int) -> None:
        scores, labels = draw_scores(60, shift=40)
        perfect = {e.name: e for e in bootstrap.bootstrap_estimates(sign * scores, labels, 1.0, 0)}
        worst, best = scores[labels == 1].argmin() + 30, scores[labels == 0].argmax()
        scores[worst], scores[best] = scores[best], scores[worst]

        found = {e.name: e for e in bootstrap.bootstrap_estimates(sign * scores, labels, 1.0, 0)}

        for name in ("auc_roc", "spearman_correlation"):
            assert 0 < abs(found[name].value) != abs(perfect[name].value)
            ends = [(e.low if sign > 0 else -e.high) for e in (found[name], perfect[name])]
            assert ends[0] <= ends[1] + 1e-12
            assert found[name].method.endswith("; one end from the exact bound of a perfect ranking")

    def test_an_interval_beside_its_own_value_is_not_shown(self) -> None:
        scores, labels = draw_scores(300, shift=-3)

        precision = bootstrap.bootstrap_estimates(scores, labels, None, 0)[3]

        assert precision.value == pytest.approx(sk.average_precision_score(labels, scores))
        assert (precision.low, precision.high) == (None, None)
        assert precision.reason == "the bootstrap interval does not contain the value: no interval"

    def test_rounding_is_no_spread(self) -> None:
        scores = np.repeat([0.2, 0.7], 10)

        margin = bootstrap.bootstrap_estimates(scores, np.repeat([0, 1], 10), None, 0)[0]

        assert margin.value == pytest.approx(0.5)
        assert (margin.low, margin.reason) == (None, "every resample gives the same number: no interval")

    def test_a_number_that_every_resample_gives_has_no_interval_and_says_why(self) -> None:
        scores, labels = draw_scores()

        f1 = bootstrap.bootstrap_estimates(scores, labels, -1.0, 0)[5]

        assert f1.value == pytest.approx(2 / 3)
        assert (f1.low, f1.high, f1.reason) == (None, None, "every resample gives the same number: no interval")

    def test_resamples_without_spread_are_left_out(self) -> None:
        # about 1 resample in 3 draws neither of the two scores that differ
        scores = np.array([0.5] * 9 + [0.6] + [0.1] * 9 + [0.2])

        effect = bootstrap.bootstrap_estimates(scores, np.repeat([1, 0], 10), 0.3, 0)[1]

        assert effect.low is not None
        assert np.isfinite([effect.low, effect.high]).all()

    def test_bad_scores_are_refused(self) -> None:
        with pytest.raises(ValueError, match="finite"):
            bootstrap.bootstrap_estimates([0.1, np.nan], [0, 1], 0.5, 0)


class TestDifferences:
    def _differences(
        self, scores: np.ndarray, base: np.ndarray, labels: np.ndarray
    ) -> dict[str, bootstrap.PairedDifference]:
        found = bootstrap.bootstrap_differences(
            scores, base, labels, threshold=0.1, base_threshold=0.1, seed=0, model="tuned"
        )
        assert tuple(d.metric for d in found) == METRIC_NAMES
        assert {d.model for d in found} == {"tuned"}
        return {d.metric: d for d in found}

    def test_each_value_is_the_difference_of_the_metrics(self) -> None:
        (scores, labels), (base, _) = draw_scores(), draw_scores(seed=1)
        expected = np.subtract(by_library(scores, labels, 0.1), by_library(base, labels, 0.1))

        found = self._differences(scores, base, labels)

        assert [d.value for d in found.values()] == pytest.approx(expected, abs=1e-12)

    def test_each_model_has_its_own_threshold(self) -> None:
        scores, labels = draw_scores()
        f1 = bootstrap.bootstrap_differences(
            scores, scores, labels, threshold=0.1, base_threshold=0.4, seed=0, model="m"
        )[5]
        own, base = (metrics.threshold_metrics(scores, labels, t).f1 for t in (0.1, 0.4))

        assert own is not None
        assert base is not None
        assert f1.value == pytest.approx(own - base)

    def test_the_outcome_follows_from_the_interval(self) -> None:
        (weak, labels), (strong, _) = draw_scores(shift=0.2), draw_scores(shift=2, seed=1)

        better = self._differences(strong, weak, labels)
        worse = self._differences(weak, strong, labels)
        same = self._differences(weak, weak, labels)

        assert {d.outcome for d in better.values()} == {"better"}
        assert {d.outcome for d in worse.values()} == {"worse"}
        assert {(d.value, d.low, d.high, d.outcome) for d in same.values()} == {(0, None, None, "not estimable")}

    def test_two_models_of_one_strength_are_not_distinguishable(self) -> None:
        (scores, labels), (base, _) = draw_scores(200, seed=3), draw_scores(200, seed=4)

        assert {d.outcome for d in self._differences(scores, base, labels).values()} == {"not distinguishable"}

    def test_swapping_the_models_turns_the_interval_round(self) -> None:
        (scores, labels), (base, _) = draw_scores(), draw_scores(seed=1)

        one, other = self._differences(scores, base, labels), self._differences(base, scores, labels)

        for name in METRIC_NAMES:
            assert (one[name].low, one[name].high) == pytest.approx((-other[name].high, -other[name].low))

    def test_on_correlated_scores_pairing_narrows_the_interval(self) -> None:
        base, labels = draw_scores(200)
        scores = base + np.random.default_rng(5).normal(0.02 * labels, 0.05)

        paired = self._differences(scores, base, labels)

        for one, other in zip(
            bootstrap.bootstrap_estimates(scores, labels, 0.1, 1),
            bootstrap.bootstrap_estimates(base, labels, 0.1, 2),
            strict=True,
        ):
            unpaired = np.hypot(one.high - one.low, other.high - other.low)
            assert paired[one.name].high - paired[one.name].low < 0.75 * unpaired

    def test_few_pairs_of_a_label_are_not_estimable(self) -> None:
        scores, labels = np.linspace(0, 1, 20), np.repeat([0, 1], [16, 4])

        found = self._differences(scores, scores[::-1], labels)

        assert {(d.outcome, d.low, d.method) for d in found.values()} == {("not estimable", None, "")}
        assert found["auc_roc"].value == 1

    def test_what_one_model_does_not_have_is_not_estimable(self) -> None:
        scores, labels = draw_scores()

        found = self._differences(scores, np.full(100, 0.3), labels)

        assert (found["cohens_d"].value, found["cohens_d"].outcome) == (None, "not estimable")
        assert found["auc_roc"].outcome == "better"

    @pytest.mark.parametrize(("higher_is_better", "outcome"), [(True, "better"), (False, "worse")])
    def test_an_increase_is_an_improvement_only_if_higher_is_better(self, higher_is_better: bool, outcome: str) -> None:
        metric = Metric("error", MetricText("Error", "share of errors."), (0.0, 1.0), higher_is_better=higher_is_better)

        found = bootstrap._difference("tuned", metric, 0.2, np.linspace(0.1, 0.3), "bootstrap")

        assert found.outcome == outcome

    def test_scores_that_are_no_cosines_can_be_compared(self) -> None:
        scores, labels = draw_scores()

        assert self._differences(scores, 50 * scores, labels)["auc_roc"].value == 0


def test_intervals_hold_the_truth_in_95_of_100_repetitions() -> None:
    truth = {"compatibility_margin": 0.16, "cohens_d": 0.8, "auc_roc": stats.norm.cdf(0.8 / np.sqrt(2))}
    held = dict.fromkeys(truth, 0)
    for seed in range(400):
        for e in bootstrap.bootstrap_estimates(*draw_scores(160, seed=seed), 0.1, seed):
            if e.name in truth:
                held[e.name] += e.low <= truth[e.name] <= e.high

    # binomial with p = 0.95: 380, standard deviation 4.4, three of them each way
    assert all(367 <= count <= 393 for count in held.values()), held
