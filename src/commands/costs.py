"""What a wrong call costs, and how common positive pairs are in use: the options, and the value that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..core.errors import UserInputError
from ..core.option_types import FiniteFloat, FiniteFloatRange

if TYPE_CHECKING:
    from collections.abc import Callable

PERCENT = 100
_COSTS = tuple(
    click.option(
        option,
        type=FiniteFloatRange(0, 1e9, min_open=True),
        help=f"Cost of a false {kind}, for the threshold by costs.  [default: 1]",
    )
    for option, kind in (("--cost-fp", "positive"), ("--cost-fn", "negative"))
)
_BASE_RATE = click.option(
    "--base-rate",
    type=FiniteFloat(),
    metavar="SHARE",
    help="Share of positive pairs in use, as 0.05, for the threshold by costs.  [default: that of the data]",
)


def takes_costs(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the costs of a wrong call, and how common positive pairs are in use."""
    for option in (_BASE_RATE, *reversed(_COSTS)):
        command = option(command)
    return command


def costs(false_positive: float | None, false_negative: float | None, base_rate: float | None) -> Any:  # noqa: ANN401 - imports Pydantic
    """The `Costs` that the options give.

    Raises:
        UserInputError: The base rate is no share.
    """
    from ..models import Costs  # noqa: PLC0415

    if base_rate is not None and not 0 < base_rate < 1:
        hint = f"; {base_rate:g} % is --base-rate {base_rate / 100:g}" if 1 <= base_rate < PERCENT else ""
        raise UserInputError(f"--base-rate {base_rate:g} is no share above 0 and below 1{hint}")
    given = {"false_positive": false_positive, "false_negative": false_negative, "base_rate": base_rate}
    return Costs(**{name: value for name, value in given.items() if value is not None})
