"""Command `search`: trials until there are enough, then the table, then the training of the best recipe."""

from __future__ import annotations

import math
import time
from functools import partial
from typing import TYPE_CHECKING

from ..core.errors import ArtifactError, PipelineError, UnfinishedTrainingError
from ..core.formatting import duration, number
from ..models import SelectOn, Split, Trial, TrialState
from ..scheduling.tasks import Needs, Task
from ..training_stage import check_given, run_training, training_inputs
from .journal import TRIES, Journal, remove_journal
from .results import made_from, search_stage
from .space import recipe_of
from .trial import Wanted, measure_trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..models import Search, TrainConfig, TrainingInfo
    from ..scheduling.tasks import Scheduler
    from ..workflow.context import RunContext
    from .space import Number, Space

_NAME = "trial-"
_GIVEN_UP = f"the process ended {TRIES} times during this trial, as it does where memory runs out"


def search(
    context: RunContext,
    base: TrainConfig,
    space: Space,
    n_trials: int,
    *,
    scheduler: Scheduler,
    recipe_text: Callable[[TrainConfig], str],
    timeout: float | None = None,
    discard: bool = False,
) -> tuple[Search, TrainingInfo]:
    """Try recipes on validation pairs, and train the best one; what an earlier call did is not done again.

    Args:
        context: The run.
        base: The recipe without what the search varies; its name is that of the search and of the training.
        space: What the search varies.
        n_trials: Trials of the whole search, those of earlier calls among them.
        scheduler: Runs the trials.
        recipe_text: A recipe as YAML.
        timeout: Seconds after which no further trial begins; None for no limit.
        discard: Remove the trials of another search, and checkpoints of another recipe.

    Raises:
        UnfinishedTrainingError: Trials of another search stand, and `discard` is not set.
        UserInputError: No pairs can choose.
        PipelineError: No trial is complete.
    """
    base = base.model_copy(update={"select_on": SelectOn.VALIDATION})
    check_given(context, base)
    with context.writing():
        journal = _opened(context, base, space, discard=discard)
        _run_trials(context, base, journal, n_trials=n_trials, scheduler=scheduler, timeout=timeout)
        found = search_stage(context, base, space, journal.trials(), recipe_text).ensure()
        if found.recipe is None:
            raise PipelineError(_no_recipe(found))
        resume = context.paths.checkpoints(base.name).exists()
        return found, run_training(context, found.recipe, resume=resume, discard=discard)


def _opened(context: RunContext, base: TrainConfig, space: Space, *, discard: bool) -> Journal:
    file, known = context.paths.journal(base.name), made_from(context, base, space)
    try:
        return Journal(file, known, space, base.seed)
    except (ArtifactError, UnfinishedTrainingError) as error:
        if not discard:
            raise
        context.reporter.say(f"{str(error).partition(';')[0]}; removed")
    remove_journal(file)
    return Journal(file, known, space, base.seed)


def _run_trials(
    context: RunContext,
    base: TrainConfig,
    journal: Journal,
    *,
    n_trials: int,
    scheduler: Scheduler,
    timeout: float | None,
) -> None:
    # no test pair is there to be read
    inside = context.with_pairs(Split.TRAIN, Split.VALIDATION)
    ends = math.inf if timeout is None else time.monotonic() + timeout

    def begun(todo: Mapping[int, Mapping[str, Number]]) -> Iterator[Task[Trial]]:
        """The trials of a round, each noted as it begins."""
        for place, parameters in todo.items():
            if time.monotonic() >= ends:
                return
            journal.start(place)
            wanted = _wanted(context, base, journal, place, parameters)
            yield Task(wanted.recipe.name, partial(measure_trial, inside, wanted), Needs.on(context.device))

    def keep(trial: Trial) -> None:
        journal.finish(trial)
        context.reporter.say(_told(trial, n_trials))

    for place, parameters in journal.given_up():
        keep(_failed(place, parameters, _GIVEN_UP))
    while (todo := journal.next_round(n_trials)) and time.monotonic() < ends:
        for outcome in scheduler.run(begun(todo)):
            context.lock.check()
            place = _number(outcome.name)
            keep(outcome.value or _failed(place, todo[place], outcome.reason))


def _wanted(
    context: RunContext, base: TrainConfig, journal: Journal, place: int, parameters: Mapping[str, Number]
) -> Wanted:
    recipe = recipe_of(base, parameters, len(context.pair_sets[Split.TRAIN]))
    recipe = recipe.model_copy(update={"name": f"{_NAME}{place}"})
    return Wanted(place, parameters, recipe, training_inputs(context, recipe), journal.curves(place))


def _number(name: str) -> int:
    return int(name.removeprefix(_NAME))


def _failed(place: int, parameters: Mapping[str, Number], reason: str) -> Trial:
    """A trial of which no numbers came back."""
    return Trial(
        number=place,
        parameters=dict(parameters),
        state=TrialState.FAILED,
        spearman=None,
        auc_roc=None,
        epoch=None,
        curve={},
        steps=0,
        seconds=0.0,
        reason=reason,
    )


def _told(trial: Trial, n_trials: int) -> str:
    if trial.state is TrialState.COMPLETE:
        what = f"Spearman {number(trial.spearman)} on the validation pairs at epoch {trial.epoch:.3g}"
    else:
        what = f"{trial.state}: {trial.reason}"
    return f"trial {trial.number + 1} of {n_trials}: {what}; {duration(trial.seconds)}"


def _no_recipe(found: Search) -> str:
    failed = next((trial for trial in found.trials if trial.reason), None)
    if failed is None:
        return "no trial has ended; give a longer --timeout, or none"
    return f"none of {len(found.trials)} trials is complete: trial {failed.number + 1} {failed.state}: {failed.reason}"
