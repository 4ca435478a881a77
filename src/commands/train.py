"""`train`: train one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .command import Command, pass_run
from .options import DISCARD, JSON, RAY, REPORT_TO, SEEDS
from .output import print_json_list, stdout
from .trainings import reporting, scheduler_of, seeds_of

if TYPE_CHECKING:
    from ..workflow.context import RunContext


class _Train(Command):
    """The `train` command; its options are the fields of the recipe, read on first use because they need Pydantic."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        from ..training.options import recipe_options  # noqa: PLC0415

        return [*recipe_options(), *super().get_params(ctx)]


@click.command(cls=_Train)
@click.option("--resume", is_flag=True, help="Go on from the newest complete checkpoint.")
@DISCARD
@SEEDS
@REPORT_TO
@JSON
@RAY
@pass_run
def train(
    context: RunContext,
    /,
    *,
    resume: bool,
    discard: bool,
    seeds: str | None,
    report_to: str | None,
    as_json: bool,
    ray: str | None,
    **recipe: Any,  # noqa: ANN401 - click's own types
) -> None:
    """Train one model and verify the saved folder.

    With --seeds, one model a seed.
    """
    from ..remote.trainings import train_all  # noqa: PLC0415 - the same
    from ..report.terminal import show_training  # noqa: PLC0415 - heavy; not for --help
    from ..training.recipe import train_config  # noqa: PLC0415
    from ..training.seeds import with_seeds  # noqa: PLC0415

    context, wanted = seeds_of(context, seeds)
    recipe["select_on"] = recipe["select_on"] or context.profile.select_on
    context = reporting(context, report_to)
    # all of them before the first is shown: whatever becomes of stdout, the work is done
    configs = with_seeds([train_config(seed=context.seed, **recipe)], wanted)
    with scheduler_of(ray) as scheduler:
        trained = train_all(context, configs, scheduler, resume=resume, discard=discard)
    if as_json:
        print_json_list("trainings", trained)
        return
    for info in trained:
        show_training(stdout(), info)
