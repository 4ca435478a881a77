"""Models for the verdict: a base model and trained ones without a fault, whose numbers a test may change."""

from __future__ import annotations

from functools import cache
from typing import Any

from src.core.paths import BASELINE, CHALLENGE
from src.models import CLEAN, DEDUPLICATED, DecisionRules, GroupMetrics, ModelSummary, PairedDifference, SliceDifference
from tests.support.factories import make_comparison

RULES = DecisionRules()


@cache
def faultless(name: str) -> ModelSummary:
    """A model without a fault; values are frozen, so all tests may share it."""
    return make_comparison(("baseline", name) if name != "baseline" else ("baseline",)).models[-1]


def make_models(*names: str, **changes: dict[str, Any]) -> tuple[ModelSummary, ...]:
    """The baseline and some models, all without a fault; fields of each evaluation may be changed."""
    made = [faultless(name) for name in ("baseline", *(names or ("finetuned",)))]
    return tuple(
        model.model_copy(
            update={
                "evaluation": model.evaluation.model_copy(update=changes.get(model.name, {})),
                "slice_differences": () if model.name == "baseline" else passing(model.name),
            }
        )
        for model in made
    )


def passing(model: str, **intervals: tuple[float, float] | None) -> tuple[SliceDifference, ...]:
    """Differences with which every test of the decision passes.

    Args:
        model: Name of the model.
        intervals: Another interval, or none, by its key below.
    """
    known = {
        "clean": (CLEAN, BASELINE),
        "copies": (DEDUPLICATED, BASELINE),
        "challenge": (CHALLENGE, BASELINE),
        "values": ("category=values", BASELINE),
        "shallow": (CLEAN, "bag_of_words"),
        "shallow_copies": (DEDUPLICATED, "bag_of_words"),
    }
    return tuple(
        _slice_difference(model, slice_, against, intervals.get(key, (0.05, 0.15)))
        for key, (slice_, against) in known.items()
    )


def _slice_difference(model: str, slice_: str, against: str, ends: tuple[float, float] | None) -> SliceDifference:
    low, high = ends or (None, None)
    found = PairedDifference.model_validate(
        {
            "model": model,
            "against": against,
            "metric": "auc_roc",
            "value": None if ends is None else sum(ends) / 2,
            "low": low,
            "high": high,
            "outcome": "not estimable" if ends is None else "better",
        }
    )
    return SliceDifference(slice=slice_, n=120, n_compatible=60, auc_roc=0.9, other_auc_roc=0.8, difference=found)


def challenge(auc: float | None, low: float | None = None, high: float | None = None) -> GroupMetrics:
    """The challenge set with this AUC and interval."""
    return GroupMetrics(name="challenge", n=240, n_compatible=120, auc_roc=auc, auc_low=low, auc_high=high)
