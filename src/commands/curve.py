"""`curve`: what more train pairs bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..core.option_types import FiniteFloatRange, Text
from .command import Command, pass_run
from .options import JSON, SEEDS
from .output import print_json, stdout
from .trainings import seeds_of

if TYPE_CHECKING:
    from ..workflow.context import RunContext


class _Curve(Command):
    """The `curve` command; it takes the recipe that `train` takes, without a name: its models are not kept."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        from ..training.options import recipe_options  # noqa: PLC0415 - Pydantic; read on first use

        return [*(option for option in recipe_options() if option.name != "name"), *super().get_params(ctx)]


@click.command(cls=_Curve)
@click.option(
    "--shares",
    type=Text(),
    default="10,25,50,100",
    show_default=True,
    metavar="PERCENT,...",
    help="Of the train pairs, each part inside the next larger one.",
)
@click.option(
    "--target",
    "targets",
    type=FiniteFloatRange(0, 1),
    multiple=True,
    help="AUC, with grades Spearman, whose number of train pairs is wanted; may be repeated.",
)
@SEEDS
@JSON
@pass_run
def curve(
    context: RunContext,
    /,
    *,
    shares: str,
    targets: tuple[float, ...],
    seeds: str | None,
    as_json: bool,
    **recipe: Any,  # noqa: ANN401 - click's own types
) -> None:
    """Train on parts of train, and tell what more pairs bring.

    It goes on where it was cut off.
    """
    from ..curve.learning_curve import learning_curve  # noqa: PLC0415 - heavy; not for --help
    from ..curve.nested import parse_shares  # noqa: PLC0415
    from ..curve.points import curve_folder  # noqa: PLC0415
    from ..report.terminal import show_curve  # noqa: PLC0415
    from ..training.recipe import train_config  # noqa: PLC0415

    parts = parse_shares(shares)
    context, wanted = seeds_of(context, seeds)
    recipe["select_on"] = recipe["select_on"] or context.profile.select_on
    config = train_config(seed=context.seed, name=None, **recipe)
    found = learning_curve(context, config, parts, wanted, targets)
    if as_json:
        print_json(found)
    else:
        show_curve(stdout(), found)
    context.reporter.say(f"Curve: {curve_folder(context)}")
