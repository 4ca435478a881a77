"""Models for the verdict: a base model and trained ones without a fault, whose numbers a test may change."""

from __future__ import annotations

from functools import cache
from typing import Any

from src.models import GroupMetrics, ModelSummary, PairedDifference
from tests.support.factories import make_comparison


@cache
def faultless(name: str) -> ModelSummary:
    """A model without a fault; values are frozen, so all tests may share it."""
    return make_comparison(("baseline", name) if name != "baseline" else ("baseline",)).models[-1]


def make_models(*names: str, **changes: dict[str, Any]) -> tuple[ModelSummary, ...]:
    """The baseline and some models, all without a fault; fields of each evaluation may be changed."""
    made = [faultless(name) for name in ("baseline", *(names or ("finetuned",)))]
    return tuple(
        model.model_copy(update={"evaluation": model.evaluation.model_copy(update=changes.get(model.name, {}))})
        for model in made
    )


def difference(
    outcome: str = "better", metric: str = "auc_roc", value: float | None = 0.1, model: str = "finetuned"
) -> PairedDifference:
    """A difference with an interval of plus and minus 0.05, or without a value and an interval."""
    low, high = (None, None) if value is None else (value - 0.05, value + 0.05)
    return PairedDifference.model_validate(
        {"model": model, "metric": metric, "value": value, "low": low, "high": high, "outcome": outcome}
    )


def challenge(auc: float | None, low: float | None = None, high: float | None = None) -> GroupMetrics:
    """The challenge set with this AUC and interval."""
    return GroupMetrics(name="challenge", n=240, n_compatible=120, auc_roc=auc, auc_low=low, auc_high=high)
