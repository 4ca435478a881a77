"""The evaluations during trainings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..evaluation.selection_optimism import checkpoint_selection
from ..training.notices import short_warmup
from ..wording.search import chosen_recipe
from .notes import measured_on, optimism, validation
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import TrainingInfo, TrainingPoint


def history_table(trainings: Sequence[tuple[str, TrainingInfo]]) -> Table:
    """Every evaluation during every training.

    Args:
        trainings: Each with the name that it is shown under.
    """
    rows = [
        [name, *_point(point, kept=point.step == training.best_step)]
        for name, training in trainings
        for point in training.history
    ]
    columns = ("Training", "Step", "Epoch", "Training loss", "Spearman", "AUC-ROC")
    caption = f"Evaluations during training, on the {measured_on(info for _, info in trainings)}"
    notes = [sentence for named in trainings for sentence in (_size(*named), _chosen(*named))]
    return table(caption, columns, rows, " ".join(notes))


def _point(point: TrainingPoint, *, kept: bool) -> list[Cell | str]:
    return [
        Cell(formats.count(point.step), note="(saved)" if kept else ""),
        formats.number(point.epoch, 2),
        cell(formats.number(point.train_loss, 4), "at the start"),
        formats.number(point.spearman),
        formats.number(point.auc_roc),
    ]


def _size(name: str, training: TrainingInfo) -> str:
    trained, weights = formats.count(training.trainable_parameters), formats.count(training.total_parameters)
    told = [f"{trained} of {weights} weights trained"]
    config, n_pairs = training.config, training.train_data.n
    if (warmup := config.warmup(n_pairs)) != config.warmup_steps:
        told.append(short_warmup(config.warmup_steps, config.steps(n_pairs), warmup))
    if training.saved.is_unchanged:
        told.append("the training changed nothing")
    return f"{name}: {'; '.join(told)}."


def _chosen(name: str, training: TrainingInfo) -> str:
    chosen = checkpoint_selection(training)
    step = (
        validation(chosen)
        if training.choice is not None
        else f"these pairs chose the saved step, so its AUC is expected to be too high by {optimism(chosen)}."
    )
    return f"{name}: {step}" + (f" {formats.capitalised(chosen_recipe(chosen.recipes))}" if chosen.recipes else "")
