"""`run`: all stages at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .command import Command
from .comparing import compares, show_and_gate
from .options import DISCARD, DRY_RUN, RAY, REPORT_TO, SEEDS, SELECT_ON, TARGET_MODULES
from .output import print_json, stdout
from .recipe_keys import OF_TRAIN
from .trainings import reporting, scheduler_of, seeds_of

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command(cls=Command)
@DRY_RUN
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
    as_json: bool,
    select_on: str | None,
    seeds: str | None,
    report_to: str | None,
    ray: str | None,
    dry_run: bool,
    discard: bool,
    with_instruction: bool,
    target_modules: str | None,
) -> None:
    """Run all stages with three trainings.

    What is up to date is reused. With --seeds each recipe is trained once a seed.
    """
    from ..models import SelectOn  # noqa: PLC0415 - Pydantic
    from ..pipeline import plan_run, recipes_of_run, run_all  # noqa: PLC0415 - heavy; not for --help
    from ..report.terminal import show_plan  # noqa: PLC0415 - the same

    context = reporting(context, report_to)
    if keys := click.get_current_context().meta.get(OF_TRAIN):
        context.reporter.say(f"{', '.join(keys)} of the recipe: for `train` alone; `run` trains its own three")
    context, wanted = seeds_of(context, seeds)
    recipes = recipes_of_run(
        context,
        select_on=SelectOn(select_on) if select_on else None,
        seeds=wanted,
        with_instruction=with_instruction,
        target_modules=target_modules,
    )
    if dry_run:
        plan = plan_run(context, recipes)
        print_json(plan) if as_json else show_plan(stdout(), plan)
        return
    with scheduler_of(ray) as scheduler:
        result = run_all(context, recipes, discard=discard, scheduler=scheduler)
    show_and_gate(context, result, fail_on, as_json=as_json)
