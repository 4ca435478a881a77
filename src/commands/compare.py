"""`compare`: compare evaluated models and decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .command import Command
from .comparing import compares, show_and_gate

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command(cls=Command)
@click.option(
    "--edition",
    type=click.Choice(["full", "short"]),
    default="full",
    show_default=True,
    help="`short` adds two pages for print and mail, as HTML without scripts and, where Chromium is found, as PDF.",
)
@compares
def compare(context: RunContext, *, fail_on: str, edition: str, as_json: bool) -> None:
    """Compare evaluated models with the base model, and decide.

    --against names another model to compare with; the decision is about --candidate.
    """
    from ..comparison import comparison_stage  # noqa: PLC0415 - heavy; not for --help
    from ..report_stage import comparison_report_stage, leave_no_texts_beside, short_report_stage  # noqa: PLC0415

    with context.writing():
        result = comparison_stage(context).ensure()
        comparison_report_stage(context).ensure()
        leave_no_texts_beside(context)
        if edition == "short":
            short_report_stage(context).ensure()
            context.reporter.say(f"Short edition: {context.paths.short_report}")
    show_and_gate(context, result, fail_on, as_json=as_json)
