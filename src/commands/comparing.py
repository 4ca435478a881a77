"""What `compare` and `run` share: their options, and how they show the comparison."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import click

from ..core.option_types import Text
from .command import pass_run
from .costs import costs, takes_costs
from .decisions import decides, gate, rules
from .options import JSON, REDACT
from .output import print_json, stdout

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..workflow.context import RunContext

_AGAINST = click.option(
    "--against",
    type=Text(),
    metavar="NAME",
    help="The model that the others are compared with.  [default: the base model]",
)
_GUARD = click.option(
    "--guard",
    type=Text(),
    multiple=True,
    metavar="FILE[:COLUMNS]",
    help="Pairs of another kind that must not lose, as old.csv or stsb.csv:text_1=6,text_2=7,label=5; may be repeated.",
)
_CLUSTER_BY = click.option(
    "--cluster-by",
    type=Text(),
    metavar="COLUMN",
    help="Column that second intervals are clustered by.  "
    "[default: subcategory; of other pairs group, else the first of --slice-by]",
)


def compares(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a comparison; all but `--fail-on` and `--json` are part of its run context."""

    @decides
    @_AGAINST
    @_GUARD
    @takes_costs
    @_CLUSTER_BY
    @REDACT
    @JSON
    @pass_run
    @functools.wraps(command)
    def started(context: RunContext, /, **given: Any) -> None:  # noqa: ANN401 - click's own types
        wrong_calls = costs(*(given.pop(name) for name in ("cost_fp", "cost_fn", "base_rate")))
        decided_by = rules(
            {name: given.pop(name) for name in ("candidate", "against", "min_gain", "max_loss", "must_hold")}
        )
        described = {name: given.pop(name) for name in ("redact", "cluster_by")}
        described["guard_files"] = _guards(given.pop("guard"))
        command(dataclasses.replace(context, rules=decided_by, costs=wrong_calls, **described), **given)

    return started


def _guards(given: tuple[str, ...]) -> Any:  # noqa: ANN401 - its type would import Pydantic here
    from ..data.guards import parse_guard  # noqa: PLC0415

    return tuple(map(parse_guard, given))


def show_and_gate(context: RunContext, result: Any, fail_on: str, *, as_json: bool) -> None:  # noqa: ANN401 - the same
    """Print the comparison, and exit with 3 where its decision is one of --fail-on."""
    from ..report.terminal import show_comparison  # noqa: PLC0415 - not for --help

    context.reporter.say(f"Report: {context.paths.comparison_report}")
    if as_json:
        print_json(result)
    else:
        # what is said of the decision stands last
        show_comparison(stdout(), result, context.paths.comparison_report.relative_to(context.paths.root))
    gate(result.verdict.decision.outcome, fail_on)
