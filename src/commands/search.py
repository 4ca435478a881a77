"""`search`: try recipes on validation pairs, and train the best one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..core.option_types import FiniteFloatRange, Text
from ..core.paths import SEARCHED
from .command import Command, pass_run
from .options import DISCARD, DRY_RUN, JSON, RAY, TARGET_MODULES
from .output import print_json, stdout
from .recipe import recipe_as_text
from .trainings import scheduler_of

if TYPE_CHECKING:
    from ..models import TrainConfig
    from ..workflow.context import RunContext

_MOST = 100_000


@click.command(cls=Command)
@DRY_RUN
@click.option("--mode", type=click.Choice(["standard", "lora"]), required=True, help="All weights, or an adapter.")
@click.option(
    "--trials",
    type=click.IntRange(1, _MOST),
    required=True,
    metavar="N",
    help="Recipes to try, those of earlier calls among them.",
)
@click.option(
    "--timeout",
    type=FiniteFloatRange(0, 1e9, min_open=True),
    metavar="SECONDS",
    help="Begin no further trial after so long.  [default: no limit]",
)
@click.option(
    "--space",
    type=Text(),
    metavar="NAME=LOW:HIGH,...",
    help="What is varied: learning_rate=1e-5:1e-3,epochs=2:6,loss=cosine:cosent; one value alone is fixed. There is "
    "learning_rate, epochs, batch_size, warmup_share, loss and, of an adapter, rank.  [default: a usual range of each]",
)
@click.option(
    "--name", type=Text(), default=SEARCHED, show_default=True, help="What the search and its model are called."
)
@TARGET_MODULES
@DISCARD
@RAY
@JSON
@pass_run
def search(
    context: RunContext,
    *,
    dry_run: bool,
    mode: str,
    trials: int,
    timeout: float | None,
    space: str | None,
    name: str,
    target_modules: str | None,
    discard: bool,
    ray: str | None,
    as_json: bool,
) -> None:
    """Try recipes on validation pairs, and train the best one.

    No test pair chooses anything. The same command again goes on where the one before was cut off.
    """
    from ..core.extras import require_extra  # noqa: PLC0415 - not for --help

    require_extra("search", ["optuna"], "search")
    from ..report.terminal import show_plan, show_search, show_training  # noqa: PLC0415 - heavy; not for --help
    from ..search.planned import plan_search  # noqa: PLC0415 - the same
    from ..search.searching import search as run_search  # noqa: PLC0415
    from ..search.space import parse_space  # noqa: PLC0415
    from ..training.recipe import train_config, with_given_targets  # noqa: PLC0415

    ctx = click.get_current_context()

    def as_text(chosen: TrainConfig) -> str:
        adapter = {} if chosen.lora is None else dict(chosen.lora)
        return recipe_as_text(ctx, {**dict(chosen), **adapter})

    base = with_given_targets(train_config(seed=context.seed, mode=mode, name=name), target_modules)
    varied = parse_space(space, base.mode)
    if dry_run:
        plan = plan_search(context, base, varied, trials, timeout=timeout, discard=discard)
        print_json(plan) if as_json else show_plan(stdout(), plan)
        return
    with scheduler_of(ray) as scheduler:
        found, info = run_search(
            context,
            base,
            varied,
            trials,
            scheduler=scheduler,
            recipe_text=as_text,
            timeout=timeout,
            discard=discard,
        )
    if as_json:
        print_json(found)
    else:
        show_search(stdout(), found)
        show_training(stdout(), info)
    context.reporter.say(f"Recipe: {context.paths.searched_recipe(name)}")
    context.reporter.say(f"Next: `evaluate --name {name}`, then `compare`")
