"""What a wrong call costs: the options, and the value that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..core.option_types import FiniteFloatRange

if TYPE_CHECKING:
    from collections.abc import Callable

_OPTIONS = tuple(
    click.option(
        option,
        type=FiniteFloatRange(0, 1e9, min_open=True),
        help=f"Cost of a false {kind}, for the threshold by costs.  [default: 1]",
    )
    for option, kind in (("--cost-fp", "positive"), ("--cost-fn", "negative"))
)


def takes_costs(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the costs of a wrong call."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def costs(false_positive: float | None, false_negative: float | None) -> Any:  # noqa: ANN401 - imports Pydantic
    """The `Costs` that the options give."""
    from ..models import Costs  # noqa: PLC0415

    given = {"false_positive": false_positive, "false_negative": false_negative}
    return Costs(**{name: value for name, value in given.items() if value is not None})
