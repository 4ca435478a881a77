"""The embedding space of each model: how far the labels lie apart, its shape, and what training changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..wording.judged import OTHER_WIDTH
from .selection import model_name
from .table import Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Evaluation

_BASE = "this is the base model"


def separation_table(evaluations: Sequence[Evaluation]) -> Table:
    """Mean cosine of each label, effect size and test."""
    rows = [
        (
            model_name(one.model),
            formats.number(one.compatible_mean_cosine),
            formats.number(one.incompatible_mean_cosine),
            formats.signed(one.compatibility_margin),
            formats.signed(one.cohens_d),
            formats.number(one.t_statistic, 2),
            formats.p_value(one.p_value),
        )
        for one in evaluations
    ]
    words = evaluations[0].eval_data.words
    columns = (
        "Model", f"Mean cosine, {words.positive}", f"Mean cosine, {words.negative}",
        "Margin", "Cohen's d", "Welch's t", "p",
    )  # fmt: skip
    return table("Separation of the labels", columns, rows)


def _why_no_change(evaluation: Evaluation) -> str:
    return _BASE if evaluation.judged is None else OTHER_WIDTH


def geometry_table(evaluations: Sequence[Evaluation]) -> Table:
    """Shape of each model's space, and how far training moved it."""
    rows = [
        (
            model_name(one.model),
            formats.number(one.geometry.random_pair_cosine),
            formats.number(one.geometry.alignment),
            formats.number(one.geometry.uniformity),
            formats.number(one.geometry.effective_rank, 1),
            cell(formats.small_number(one.change.max_abs_difference if one.change else None), _why_no_change(one)),
            cell(formats.number(one.change.mean_cosine_to_base if one.change else None), _why_no_change(one)),
        )
        for one in evaluations
    ]
    columns = (
        "Model", "Cosine of random pairs", "Alignment", "Uniformity", "Effective rank",
        "Largest change of a coordinate", "Mean cosine to the base",
    )  # fmt: skip
    note = (
        "A cosine of random pairs much nearer to 1 than the base model's and an effective rank far below its are signs "
        "of a collapsed space: few directions are left in which texts differ."
    )
    return table("Shape of the space", columns, rows, note)
