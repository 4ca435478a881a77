"""One trial: a recipe trained and measured on validation pairs alone; nothing of it is kept but numbers."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import optuna
from datasets import disable_progress_bars
from transformers import TrainerCallback, set_seed

from ..core.errors import PipelineError, first_line, is_out_of_memory
from ..embedding.loading import release_memory
from ..models import Trial, TrialState
from ..training.selection import choose, validation_phases
from ..training_stage import refuse_other_machine, trainer_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transformers import TrainerControl, TrainerState, TrainingArguments

    from ..models import MeasuredPoint, TrainConfig, TrainingPoint
    from ..trainer import StandardTrainer
    from ..workflow.context import RunContext
    from .space import Number

    Curve = Mapping[int, float]

# what a median is taken of needs at least so many trials
LEAST_CURVES = 4
PART = 100_000
_TENTHS = 10
_UNCHANGED = "the training changed nothing; a higher learning rate or more epochs would"
_NO_VALUE = "no evaluation gave a Spearman correlation"
_PRUNED = "at epoch {epoch:.3g} below the median of the trials before"


@dataclass(frozen=True)
class Wanted:
    """A trial that is to be measured.

    Attributes:
        number: The trial's.
        parameters: What the search varies.
        recipe: The whole recipe.
        made_from: What the trial is made from, as the process sees it that wants it.
        curves: Of the complete trials that it is pruned by, see `Trial.curve`.
    """

    number: int
    parameters: Mapping[str, Number]
    recipe: TrainConfig
    made_from: Mapping[str, str]
    curves: tuple[Curve, ...]


def measure_trial(context: RunContext, wanted: Wanted) -> Trial:
    """Train by a recipe and measure it on the validation pairs, or on the train pairs that are set aside.

    A test pair is neither trained on nor measured. What makes a training fail makes a failed trial.

    Args:
        context: The run, with train and validation pairs; nothing is written below its root.
        wanted: The trial.

    Raises:
        PipelineError: This machine would give other numbers than the one that wants them.
    """
    refuse_other_machine(context, wanted.recipe, wanted.made_from)
    started = time.monotonic()
    watch = _Watch(wanted.curves)
    found: dict[str, object] = {}
    try:
        with TemporaryDirectory() as folder:
            trainer = trainer_of(context, wanted.recipe)
            trainer.checkpoints = Path(folder) / "none"
            found = _measured(trainer, watch)
    except (PipelineError, RuntimeError, MemoryError) as error:
        short = is_out_of_memory(error) and not isinstance(error, PipelineError)
        found = {"state": TrialState.FAILED, "reason": "out of memory" if short else first_line(error)}
    if found["state"] is TrialState.FAILED:
        release_memory()  # the error held the model
    nothing = {"spearman": None, "auc_roc": None, "epoch": None}
    return Trial.model_validate(
        {
            **nothing,
            **found,
            "number": wanted.number,
            "parameters": dict(wanted.parameters),
            "curve": watch.curve,
            "steps": watch.steps,
            "seconds": round(time.monotonic() - started, 2),
        }
    )


def _measured(trainer: StandardTrainer, watch: _Watch) -> dict[str, object]:
    disable_progress_bars()
    config, pairs = trainer.config, trainer.train_pairs
    phases = [trainer.phase] if trainer.choosing is not None else validation_phases(pairs, config)
    trainer.callbacks = (watch,)
    measured: list[tuple[MeasuredPoint, ...]] = []
    for i, trainer.phase in enumerate(phases):
        is_last = i + 1 == len(phases)
        watch.begin(i, trainer.phase.n_steps(config) if is_last else None)
        set_seed(config.seed)
        points = trainer.measure(None, "")
        if watch.reason:
            return {"state": TrialState.PRUNED, "reason": watch.reason, **_best([one.point for one in points])}
        measured.append(points)
    if all(_unchanged(points) for points in measured):
        return {"state": TrialState.FAILED, "reason": _UNCHANGED}
    if trainer.choosing is None:
        history: Sequence[TrainingPoint] = choose(pairs, config, phases, measured).history
    else:
        history = [one.point for one in measured[0]]
    best = _best(history)
    if best["spearman"] is None:
        return {"state": TrialState.FAILED, "reason": _NO_VALUE}
    return {"state": TrialState.COMPLETE, **best}


def _best(history: Sequence[TrainingPoint]) -> dict[str, float | None]:
    """The best evaluation, the first one of equals."""
    known = [point for point in history if point.spearman is not None]
    if not known:
        return {"spearman": None, "auc_roc": None, "epoch": None}
    best = max(known, key=lambda point: point.spearman or 0.0)
    return {"spearman": best.spearman, "auc_roc": best.auc_roc, "epoch": best.epoch}


def _unchanged(points: Sequence[MeasuredPoint]) -> bool:
    """Whether the model ranks the pairs after the training exactly as before."""
    first, *others = [(one.point.spearman, one.point.auc_roc, one.cosines) for one in points]
    return all(one == first for one in others)


class _Watch(TrainerCallback):
    """Listens to the evaluations, ends a trial that is below the median, and keeps checkpoints from being written."""

    def __init__(self, curves: Sequence[Curve]) -> None:
        self.curve: dict[int, float] = {}
        self.steps = 0
        self.reason = ""
        self._best: list[float | None] = []
        self._last_step: int | None = None
        self._trial = _judged_by(curves)

    def begin(self, part: int, last_step: int | None) -> None:
        """Begin a phase; after the last step of the last one nothing is left to prune."""
        self._best = [*self._best[:part], None]
        self._last_step = last_step

    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the library's signature
        state: TrainerState,  # noqa: ARG002
        control: TrainerControl,
        **_: object,
    ) -> TrainerControl:
        """No checkpoint is written: a trial is short, and starts again after a kill."""
        self.steps += 1
        control.should_save = False
        return control

    def on_evaluate(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the library's signature
        state: TrainerState,
        control: TrainerControl,
        **options: Any,  # noqa: ANN401 - the library's own types
    ) -> TrainerControl:
        """Compare this evaluation with those of earlier trials."""
        value, best = float(options["metrics"]["eval_spearman"]), self._best[-1]
        if not math.isnan(value) and (best is None or value > best):
            self._best[-1] = value
        known = [one for one in self._best if one is not None]
        if len(known) < len(self._best):
            return control
        epoch = float(state.epoch or 0)
        place = (len(self._best) - 1) * PART + int(_TENTHS * epoch)
        if place not in self.curve:
            self.curve[place] = sum(known) / len(known)
            self._trial.report(self.curve[place], place)
            # at step 0 all recipes are the base model
            if state.global_step and state.global_step != self._last_step and self._trial.should_prune():
                self.reason = _PRUNED.format(epoch=epoch)
                control.should_training_stop = True
        return control


def _judged_by(curves: Sequence[Curve]) -> optuna.Trial:
    """A trial of a study in memory that knows the curves of other trials."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize", pruner=optuna.pruners.MedianPruner(n_startup_trials=LEAST_CURVES, n_warmup_steps=0)
    )
    study.add_trials(
        [optuna.trial.create_trial(value=max(curve.values()), intermediate_values=dict(curve)) for curve in curves]
    )
    return study.ask()
