"""`evaluate-data`: score and audit the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..core.errors import GateError
from ..core.option_types import FiniteFloatRange
from .command import Command, pass_run
from .options import JSON
from .output import print_json, stdout

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command("evaluate-data", cls=Command)
@click.option("--fail-under", type=FiniteFloatRange(0, 100), help="Exit with 3 when the overall score is below.")
@JSON
@pass_run
def evaluate_data(context: RunContext, *, fail_under: float | None, as_json: bool) -> None:
    """Score the data in four dimensions and audit the split."""
    from ..quality_stage import quality_stage  # noqa: PLC0415 - heavy; not for --help
    from ..report.terminal import show_quality, show_whole_quality  # noqa: PLC0415
    from ..report_stage import quality_report_stage  # noqa: PLC0415

    with context.writing():
        report = quality_stage(context).ensure()
        quality_report_stage(context).ensure()
    if as_json:
        print_json(report)
    elif context.reporter.verbosity > 0:
        show_whole_quality(stdout(), report)
    else:
        show_quality(stdout(), report, context.paths.quality_summary.relative_to(context.paths.root))
    if fail_under is not None and (report.overall is None or report.overall < fail_under):
        raise GateError(_below(report.overall, fail_under, report.train.reason))


def _below(score: float | None, limit: float, reason: str) -> str:
    from ..core.formatting import number  # noqa: PLC0415 - not for --help

    wanted = f"--fail-under {repr(limit).removesuffix('.0')}"
    if score is None:
        why = reason or "the results say why"
        return f"there is no overall score, and {wanted} wants one: {why}; give more data, or no limit"
    # rounded up, it would not be below
    text = next(shown for digits in range(1, 20) if float(shown := number(score, digits)) < limit)
    return f"the overall score {text} is below {wanted}; the results say what lowers it"
