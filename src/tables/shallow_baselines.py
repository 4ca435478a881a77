"""Shallow baselines: by themselves, and beside the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..wording.intervals import IN_BRACKETS
from .notes import SHALLOW_BASELINES
from .scores import challenge_auc, difference_cell, estimate_cell, score_cell
from .selection import model_name
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import ModelSummary, ShallowBaseline


def shallow_table(baselines: Sequence[ShallowBaseline]) -> Table:
    """The AUC of each shallow baseline."""
    rows = [(formats.plain_name(one.name), *_aucs(one), _cross_validated(one)) for one in baselines]
    columns = ("Shallow baseline", "Eval pairs", "Challenge set", "Train, CV")
    return table("AUC-ROC of shallow baselines", columns, rows, f"{SHALLOW_BASELINES} {IN_BRACKETS}")


def auc_table(models: Sequence[ModelSummary], baselines: Sequence[ShallowBaseline]) -> Table:
    """The AUC of models and shallow baselines, and how much each trained model gains on the best baseline.

    Args:
        models: Of a comparison.
        baselines: On the same eval pairs.
    """
    rows = [*map(_model_row, models), *map(_baseline_row, baselines)]
    columns = ("Model or shallow baseline", "Eval pairs", "Challenge set", "Minus the best shallow baseline")
    return table("AUC-ROC of models and shallow baselines", columns, rows, _note(models, baselines))


def _model_row(model: ModelSummary) -> list[Cell | str]:
    return [
        model_name(model.evaluation.model),
        score_cell(model.evaluation, "auc_roc"),
        challenge_auc(model.evaluation),
        difference_cell(model.against_trivial) if model.against_trivial else "",
    ]


def _baseline_row(baseline: ShallowBaseline) -> list[Cell | str]:
    return [Cell(formats.plain_name(baseline.name), note="(shallow)"), *_aucs(baseline), ""]


def _cross_validated(baseline: ShallowBaseline) -> Cell:
    return cell(formats.number(baseline.cv_auc_roc), baseline.cv_reason)


def _aucs(baseline: ShallowBaseline) -> tuple[Cell, Cell]:
    return (
        estimate_cell(baseline.auc_roc, baseline.auc_low, baseline.auc_high, baseline.reason),
        cell(formats.number(baseline.challenge_auc_roc), baseline.challenge_reason),
    )


def _note(models: Sequence[ModelSummary], baselines: Sequence[ShallowBaseline]) -> str:
    best = dict.fromkeys(model.against_trivial.against for model in models if model.against_trivial is not None)
    validated = {one.name: f" (AUC {formats.number(one.cv_auc_roc)} in CV)" for one in baselines if one.cv_auc_roc}
    named = " or ".join(f"{formats.plain_name(name)}{validated.get(name, '')}" for name in best)
    told = f" The best one is {named}." if named else ""
    return f"{SHALLOW_BASELINES}{told} {IN_BRACKETS}"
