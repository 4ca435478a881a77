"""What a command would do, stage by stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..models import CostBasis
from .table import Table, word_table

if TYPE_CHECKING:
    from ..models import Plan, PlannedStage

_BASES = {
    CostBasis.MEASURED: "measured now",
    CostBasis.RECORDED: "an earlier training",
    CostBasis.USUAL: "usual, docs/scaling.md",
}


def plan_table(plan: Plan) -> Table:
    """Which stages are reused and which are made, why, and how long they are expected to take."""
    rows = [(stage.stage, stage.reason or "up to date, reused", _time(stage), _basis(stage)) for stage in plan.stages]
    return word_table("What would be done; nothing was written", ("Stage", "Why", "Time", "Known from"), rows)


def _time(stage: PlannedStage) -> str:
    return "" if stage.seconds is None else formats.duration(stage.seconds)


def _basis(stage: PlannedStage) -> str:
    if stage.basis is None:
        return ""
    basis = _BASES[stage.basis]
    return basis if stage.steps is None else f"{formats.count(stage.steps)} steps, {basis}"


def plan_totals(plan: Plan) -> tuple[str, ...]:
    """Time, memory and disk of the whole, one line each."""
    made = sum(not stage.is_reused for stage in plan.stages)
    short = "" if plan.result_bytes + plan.checkpoint_bytes <= plan.free_bytes else "; the disk is too small"
    time = f"in about {formats.duration(plan.seconds)} ({plan.n_measured_steps} training steps were measured)"
    results, checkpoints, free = map(formats.gigabytes, (plan.result_bytes, plan.checkpoint_bytes, plan.free_bytes))
    return (
        f"{made} of {len(plan.stages)} stages are made, {time}",
        f"Memory: about {formats.gigabytes(plan.memory_bytes)}, one model at a time",
        f"Disk: about {results}, and {checkpoints} for checkpoints while a training runs; {free} are free{short}",
    )
