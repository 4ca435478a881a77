"""What commands that train share: several seeds, what runs the trainings, the program that shows the curves."""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ..core.distributed import world_size
from ..core.errors import UserInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..scheduling.tasks import Scheduler
    from ..workflow.context import RunContext


def seeds_of(context: RunContext, seeds: str | None) -> tuple[RunContext, tuple[int, ...]]:
    """The run with the first of several seeds as its own, and all of them.

    Raises:
        UserInputError: One is no seed, or `--seed` names another one.
    """
    from ..training.seeds import parse_seeds  # noqa: PLC0415

    if seeds is None:
        return context, (context.seed,)
    wanted = parse_seeds(seeds)
    given = click.get_current_context().find_root().get_parameter_source("seed")
    if given is not ParameterSource.DEFAULT and context.seed != wanted[0]:
        raise UserInputError(
            f"--seed {context.seed} beside --seeds, whose first one is {wanted[0]}: leave --seed out; "
            "the first is the run's"
        )
    return dataclasses.replace(context, seed=wanted[0]), wanted


@contextmanager
def scheduler_of(ray: str | None) -> Iterator[Scheduler]:
    """What runs the trainings: this process, or Ray where `--ray` is given.

    Raises:
        UserInputError: It names no address, Ray is not installed, or several processes share the command.
        PipelineError: There is no such cluster.
    """
    from ..scheduling.in_process import InProcess  # noqa: PLC0415 - not for --help

    if ray is None:
        yield InProcess()
        return
    if world_size() > 1:
        raise UserInputError("--ray: starts processes of its own; leave it out, or run without torchrun and accelerate")
    from ..core.extras import require_extra  # noqa: PLC0415 - the same
    from ..embedding.loading import go_offline  # noqa: PLC0415 - the same
    from ..scheduling.with_ray import check_address, with_ray  # noqa: PLC0415 - the same

    address = check_address(ray)
    require_extra("ray", ["ray"], "--ray")
    with with_ray(address, go_offline) as scheduler:
        yield scheduler


def reporting(context: RunContext, to: str | None) -> RunContext:
    """The run, with the program that shows the curves of its trainings; a missing package is told before any work."""
    if to is None:
        return context
    from ..models import ReportTo  # noqa: PLC0415 - Pydantic
    from ..training.curves import check_reporting  # noqa: PLC0415 - the same

    check_reporting(ReportTo(to), context.paths.logs)
    return dataclasses.replace(context, report_to=ReportTo(to))
