"""What decides: the rules as options, the value that they make, and the exit code of the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..core.errors import GateError
from ..core.option_types import FiniteFloatRange, Text

if TYPE_CHECKING:
    from collections.abc import Callable

_FAIL_ON = {
    "invalid": {"INVALID"},
    "do-not-ship": {"INVALID", "DO NOT SHIP"},
    "not-ship": {"INVALID", "DO NOT SHIP", "CANNOT TELL"},
    "never": set[str](),
}
# without defaults here, which stand in a Pydantic value that --help need not import
_OPTIONS = (
    click.option(
        "--candidate", type=Text(), help="The model that may be shipped.  [default: standard, or the only one]"
    ),
    click.option(
        "--min-gain",
        type=FiniteFloatRange(0, 1),
        help="Least gain of AUC, with grades of Spearman, over the reference.  [default: 0.02]",
    ),
    click.option("--max-loss", type=FiniteFloatRange(0, 1), help="Largest loss of AUC of a guard.  [default: 0.03]"),
    click.option(
        "--must-hold",
        type=Text(),
        multiple=True,
        metavar="COLUMN=VALUE",
        help="A slice that must not lose; may be repeated.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(list(_FAIL_ON)),
        default="invalid",
        show_default=True,
        help="Exit with 3 on this decision, or on a worse one.",
    ),
)


def decides(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of the decision."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def rules(given: dict[str, Any]) -> Any:  # noqa: ANN401 - its type would import Pydantic here
    """The `DecisionRules` that the options give."""
    from ..models import DecisionRules  # noqa: PLC0415

    return DecisionRules(**{name: value for name, value in given.items() if value is not None})


def gate(outcome: str, fail_on: str) -> None:
    """End the command where the outcome is one that --fail-on names.

    Raises:
        GateError: It is.
    """
    if outcome in _FAIL_ON[fail_on]:
        raise GateError(f"the decision is {outcome}, and --fail-on {fail_on} ends with 3; the results say why")
