from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from src.hypotheses import TARGETS, judge_hypotheses
from src.models import Estimate
from tests.factories import make_evaluation

if TYPE_CHECKING:
    from src.models import Evaluation, HypothesisResult


@cache
def trained() -> Evaluation:
    """A trained model's metrics; values are frozen, so all tests may share it."""
    return make_evaluation("finetuned")


def judged(metric: str, **changes: object) -> HypothesisResult:
    evaluation = trained().model_copy(update=changes)
    return next(h for h in judge_hypotheses([evaluation]) if h.metric == metric)


def interval_of(metric: str, low: float | None, value: float | None, high: float | None) -> dict[str, Any]:
    return {metric: value, "estimates": (Estimate(name=metric, value=value, low=low, high=high),)}


def test_every_trained_model_has_each_of_the_five_targets() -> None:
    results = judge_hypotheses([trained(), trained().model_copy(update={"model": "lora"})])

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


@pytest.mark.parametrize(("value", "outcome"), [(0.71, "met"), (0.7, "met"), (0.69, "not met")])
def test_a_number_without_an_interval_is_compared_as_it_is(value: float, outcome: str) -> None:
    result = judged("cluster_purity", cluster_purity=value)

    assert (result.outcome, result.low, result.high) == (outcome, None, None)


@pytest.mark.parametrize("metric", list(TARGETS))
def test_a_number_that_is_not_defined_decides_nothing(metric: str) -> None:
    result = judged(metric, **interval_of(metric, None, None, None))

    assert (result.outcome, result.observed) == ("not decidable", None)


def test_an_interval_that_could_not_be_made_leaves_the_number_itself() -> None:
    assert judged("cohens_d", **interval_of("cohens_d", None, 0.9, None)).outcome == "met"


@pytest.mark.parametrize(
    ("ceiling", "note"),
    [
        # 158 and 137 labels: (0.86 / 0.8640 + 1) / 2
        (0.8640, "the ceiling with these labels is 0.864; the target asks for an AUC of 0.998"),
        (0.9, "the ceiling with these labels is 0.900; the target asks for an AUC of 0.978"),
        (0.61, "out of reach: 0/1 labels like these cap Spearman at 0.610"),
        (None, ""),
    ],
)
def test_the_spearman_target_is_shown_beside_what_the_labels_allow(ceiling: float | None, note: str) -> None:
    assert judged("spearman_correlation", spearman_ceiling=ceiling).note == note


def test_the_purity_target_is_shown_beside_the_purity_of_shuffled_labels() -> None:
    unknown = trained().clusters.model_copy(update={"shuffled_purity": None})

    assert judged("cluster_purity").note == "shuffled labels give 0.580; no interval"
    assert judged("cluster_purity", clusters=unknown).note == ""


@pytest.mark.parametrize("metric", ["compatibility_margin", "cohens_d", "auc_roc"])
def test_the_other_targets_need_no_note(metric: str) -> None:
    assert judged(metric).note == ""
