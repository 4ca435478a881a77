from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from src.evaluation.estimates import estimates, scored
from src.evaluation.variance import Sample
from src.models import Estimate
from src.verdict.targets import TARGETS, judge_targets
from tests.support.factories import make_evaluation

if TYPE_CHECKING:
    from src.models import Evaluation, TargetResult


@cache
def trained() -> Evaluation:
    """A trained model's metrics; values are frozen, so all tests may share it."""
    return make_evaluation("finetuned")


def judged(metric: str, **changes: object) -> TargetResult:
    evaluation = trained().model_copy(update=changes)
    return next(h for h in judge_targets(make_evaluation(), [evaluation]) if h.metric == metric)


def interval_of(metric: str, low: float | None, value: float | None, high: float | None) -> dict[str, Any]:
    return {metric: value, "estimates": (Estimate(name=metric, value=value, low=low, high=high),)}


def test_every_trained_model_has_each_of_the_five_targets() -> None:
    results = judge_targets(make_evaluation(), [trained(), trained().model_copy(update={"model": "lora"})])

    assert TARGETS == {
        "compatibility_margin": 0.20,
        "cohens_d": 0.8,
        "spearman_correlation": 0.86,
        "auc_roc": 0.80,
        "cluster_purity": 0.70,
    }
    assert [(h.model, h.metric, h.target) for h in results] == [
        (model, metric, target) for model in ("finetuned", "lora") for metric, target in TARGETS.items()
    ]


@pytest.mark.parametrize(
    ("low", "value", "high", "outcome"),
    [
        (0.85, 0.9, 0.95, "met"),
        (0.8, 0.85, 0.9, "met"),
        (0.79, 0.85, 0.9, "not decidable"),
        (0.7, 0.75, 0.8, "not decidable"),
        (0.7, 0.75, 0.79, "not met"),
    ],
)
def test_the_whole_interval_decides_and_one_that_holds_the_target_does_not(
    low: float, value: float, high: float, outcome: str
) -> None:
    result = judged("auc_roc", **interval_of("auc_roc", low, value, high))

    assert (result.outcome, result.low, result.observed, result.high) == (outcome, low, value, high)


@pytest.mark.parametrize("value", [0.99, 0.7, 0.01])
def test_a_number_without_an_interval_decides_nothing_however_far_from_the_target(value: float) -> None:
    result = judged("cluster_purity", cluster_purity=value)

    assert (result.outcome, result.observed, result.low, result.high) == ("not decidable", value, None, None)


@pytest.mark.parametrize(
    ("low", "high", "reason", "why"),
    [
        (None, None, "fewer than 5 pairs of a label: no interval", "fewer than 5 pairs of a label: no interval"),
        (1.0, 1.0, "", "the interval has no width"),
        (0.9, 1.0, "not to be trusted", "not to be trusted"),
    ],
)
def test_an_interval_that_cannot_be_trusted_decides_nothing_and_the_note_says_why(
    low: float | None, high: float | None, reason: str, why: str
) -> None:
    estimate = Estimate(name="auc_roc", value=1.0, low=low, high=high, reason=reason)

    result = judged("auc_roc", auc_roc=1.0, estimates=(estimate,))

    assert (result.outcome, result.note) == ("not decidable", why)


@pytest.mark.parametrize(("of_each", "outcome"), [(5, "not decidable"), (200, "met")])
def test_perfect_separation_meets_the_target_on_many_pairs_and_not_on_five_of_each_label(
    of_each: int, outcome: str
) -> None:
    sample = Sample(np.repeat([False, True], of_each))
    found = estimates(scored(np.linspace(0, 1, 2 * of_each), sample, 0.5))

    assert judged("auc_roc", auc_roc=1.0, estimates=found).outcome == outcome


@pytest.mark.parametrize("metric", list(TARGETS))
def test_a_number_that_is_not_defined_decides_nothing(metric: str) -> None:
    result = judged(metric, **interval_of(metric, None, None, None))

    assert (result.outcome, result.observed) == ("not decidable", None)


@pytest.mark.parametrize(
    ("ceiling", "note"),
    [
        # 158 and 137 labels: (0.86 / 0.8640 + 1) / 2
        (0.8640, "with these 0/1 labels Spearman is at most 0.864; the target needs an AUC of 0.998"),
        (0.9, "with these 0/1 labels Spearman is at most 0.900; the target needs an AUC of 0.978"),
        (0.61, "cannot be reached: with these 0/1 labels Spearman is at most 0.610"),
        (None, ""),
    ],
)
def test_the_spearman_target_is_shown_beside_what_the_labels_allow(ceiling: float | None, note: str) -> None:
    assert judged("spearman_correlation", spearman_ceiling=ceiling).note == note


def test_the_purity_target_is_shown_beside_the_purities_of_the_baseline_and_of_shuffled_labels() -> None:
    unknown = trained().clusters.model_copy(update={"shuffled_purity": None})

    assert judged("cluster_purity").note == "the baseline has 0.710, shuffled labels give 0.580; no interval"
    assert judged("cluster_purity", clusters=unknown).note == (
        "the baseline has 0.710, shuffled labels give n/a; no interval"
    )


@pytest.mark.parametrize("metric", ["compatibility_margin", "cohens_d", "auc_roc"])
def test_the_other_targets_need_no_note(metric: str) -> None:
    assert judged(metric).note == ""
