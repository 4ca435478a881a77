"""Shallow baselines: by themselves, and beside the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..models import DATING_WORDS
from ..wording.intervals import IN_BRACKETS
from .notes import shallow_note
from .scores import challenge_ranking, difference_cell, estimate_cell, score_cell
from .selection import model_name
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import ModelSummary, ShallowBaseline, Words


def shallow_table(baselines: Sequence[ShallowBaseline], words: Words = DATING_WORDS) -> Table:
    """The AUC of each shallow baseline, or the concordance with graded labels."""
    rows = [(formats.plain_name(one.name), *_aucs(one), _cross_validated(one)) for one in baselines]
    columns = ("Shallow baseline", "Eval pairs", "Challenge set", "Train, CV")
    return table(f"{_ranking(words)} of shallow baselines", columns, rows, f"{shallow_note(words)} {IN_BRACKETS}")


def best_shallow(baselines: Sequence[ShallowBaseline], words: Words = DATING_WORDS) -> str:
    """The best shallow baseline in one sentence, the one with the highest AUC on train; empty where none has one."""
    validated = [one for one in baselines if one.cv_auc_roc is not None]
    if not validated:
        return ""
    best = max(validated, key=lambda one: one.cv_auc_roc or 0)
    train, test, challenge = map(formats.number, (best.cv_auc_roc, best.auc_roc, best.challenge_auc_roc))
    return (
        f"Best shallow baseline, {formats.plain_name(best.name)}: {_ranking(words)} {train} cross-validated on train, "
        f"{test} on eval, {challenge} on the challenge set"
    )


def _ranking(words: Words) -> str:
    return "AUC-ROC" if words.ranking == DATING_WORDS.ranking else formats.capitalised(words.ranking)


def auc_table(models: Sequence[ModelSummary], baselines: Sequence[ShallowBaseline]) -> Table:
    """The AUC of models and shallow baselines, and how much each trained model gains on the best baseline.

    Args:
        models: Of a comparison.
        baselines: On the same eval pairs.
    """
    rows = [*map(_model_row, models), *map(_baseline_row, baselines)]
    words = models[0].evaluation.eval_data.words
    less = "Minus the best shallow baseline"
    if words.ranking != DATING_WORDS.ranking:
        less = f"Spearman, {less.lower()}"
    columns = ("Model or shallow baseline", "Eval pairs", "Challenge set", less)
    return table(f"{_ranking(words)} of models and shallow baselines", columns, rows, _note(models, baselines))


def _model_row(model: ModelSummary) -> list[Cell | str]:
    return [
        model_name(model.evaluation.model),
        score_cell(model.evaluation, "auc_roc" if model.evaluation.eval_data.scale is None else "concordance"),
        challenge_ranking(model.evaluation, "concordance"),
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
    words = models[0].evaluation.eval_data.words
    validated = {
        one.name: f" ({words.ranking} {formats.number(one.cv_auc_roc)} in CV)" for one in baselines if one.cv_auc_roc
    }
    named = " or ".join(f"{formats.plain_name(name)}{validated.get(name, '')}" for name in best)
    told = f" The best one is {named}." if named else ""
    return f"{shallow_note(words)}{told} {IN_BRACKETS}"
