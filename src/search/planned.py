"""What a search would do, and what that is expected to cost; nothing is written."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from ..core.errors import ArtifactError, UnfinishedTrainingError
from ..models import SelectOn, Split, StageState
from ..planning.plan import make_plan
from ..planning.work import Work, training_work
from ..training.lora_targets import with_targets
from ..training_stage import check_given
from .journal import ended_trials
from .results import chosen_recipe, known_search_stage, made_from
from .space import recipe_of

if TYPE_CHECKING:
    from ..models import Plan, StageStatus, TrainConfig, Trial
    from ..workflow.context import RunContext
    from .space import Space


def plan_search(
    context: RunContext,
    base: TrainConfig,
    space: Space,
    n_trials: int,
    *,
    timeout: float | None = None,
    discard: bool = False,
) -> Plan:
    """What `search` would do with these arguments.

    A trial is expected to take as long as a whole one by the typical recipe of the space; pruned ones take less.

    Args:
        context: The run; nothing below its root is written.
        base: The recipe without what the search varies; its name is that of the search and of the training.
        space: What the search varies.
        n_trials: Trials of the whole search, those of earlier calls among them.
        timeout: Seconds after which no further trial begins; None for no limit.
        discard: Whether the trials of another search would be removed.

    Raises:
        UserInputError: The search would be refused.
        UnfinishedTrainingError: Trials of another search stand, and `discard` is not set.
        PipelineError: Results of an interrupted command are not in their places yet.
    """
    base = base.model_copy(update={"select_on": SelectOn.VALIDATION})

    def work() -> list[Work]:
        check_given(context, base)
        trials = _ended(context, base, space, discard=discard)
        typical = recipe_of(base, space.typical, len(context.pair_sets[Split.TRAIN]))
        searched = _trials_work(context, typical, n_trials, len(trials), math.inf if timeout is None else timeout)
        known = chosen_recipe(context, base, trials) if not searched.n_trials else None
        [training] = training_work(context, [known or typical])
        return [searched, dataclasses.replace(training, after=(searched.stage,))]

    return make_plan(context, work)


def _ended(context: RunContext, base: TrainConfig, space: Space, *, discard: bool) -> tuple[Trial, ...]:
    try:
        return ended_trials(context.paths.journal(base.name), made_from(context, base, space))
    except (ArtifactError, UnfinishedTrainingError):
        if not discard:
            raise
    return ()


def _trials_work(context: RunContext, typical: TrainConfig, n_trials: int, n_ended: int, timeout: float) -> Work:
    stage = known_search_stage(context, typical.name)
    left = max(n_trials - n_ended, 0)
    if not left:
        return Work(stage.name, stage.status)

    def status() -> StageStatus:
        reason = f"{left} of {n_trials} trials are left"
        return stage.status().model_copy(update={"state": StageState.STALE, "reason": reason})

    return Work(stage.name, status, recipe=with_targets(typical, context.base), n_trials=left, timeout=timeout)
