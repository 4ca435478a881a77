"""`run`: all stages at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .command import Command
from .comparing import compares, show_and_gate
from .options import DISCARD, RAY, REPORT_TO, SEEDS, SELECT_ON, TARGET_MODULES
from .recipe_keys import OF_TRAIN
from .trainings import reporting, scheduler_of, seeds_of

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command(cls=Command)
@SELECT_ON
@click.option("--with-instruction", is_flag=True, help="Train a fourth model, with an instruction before each text.")
@TARGET_MODULES
@DISCARD
@SEEDS
@REPORT_TO
@RAY
@compares
def run(
    context: RunContext,
    *,
    fail_on: str,
    select_on: str | None,
    seeds: str | None,
    report_to: str | None,
    ray: str | None,
    **given: Any,  # noqa: ANN401 - click's own types
) -> None:
    """Run all stages with three trainings, once a seed; reuse what is up to date."""
    from ..models import SelectOn  # noqa: PLC0415 - Pydantic
    from ..pipeline import run_all  # noqa: PLC0415 - heavy; not for --help

    context = reporting(context, report_to)
    if keys := click.get_current_context().meta.get(OF_TRAIN):
        context.reporter.say(f"{', '.join(keys)} of the recipe: for `train` alone; `run` trains its own three")
    context, wanted = seeds_of(context, seeds)
    chosen = SelectOn(select_on) if select_on else None
    with scheduler_of(ray) as scheduler:
        result = run_all(context, select_on=chosen, seeds=wanted, scheduler=scheduler, **given)
    show_and_gate(context, result, fail_on)
