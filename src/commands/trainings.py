"""What `train` and `run` share: several seeds, and the program that shows the curves."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ..core.errors import UserInputError

if TYPE_CHECKING:
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


def reporting(context: RunContext, to: str | None) -> RunContext:
    """The run, with the program that shows the curves of its trainings; a missing package is told before any work."""
    if to is None:
        return context
    from ..models import ReportTo  # noqa: PLC0415 - Pydantic
    from ..training.curves import check_reporting  # noqa: PLC0415 - the same

    check_reporting(ReportTo(to), context.paths.logs)
    return dataclasses.replace(context, report_to=ReportTo(to))
