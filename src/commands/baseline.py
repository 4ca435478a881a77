"""`baseline`: evaluate the base model."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from .command import Command, pass_run
from .options import JSON, REDACT
from .output import print_json, stdout

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command(cls=Command)
@REDACT
@JSON
@pass_run
def baseline(context: RunContext, *, redact: bool, as_json: bool) -> None:
    """Evaluate the base model, before any training."""
    from ..baseline_analysis import baseline_stage  # noqa: PLC0415 - heavy; not for --help
    from ..report.terminal import show_evaluation  # noqa: PLC0415
    from ..report_stage import baseline_report_stage  # noqa: PLC0415

    context = dataclasses.replace(context, redact=redact)
    with context.writing():
        evaluation = baseline_stage(context).ensure()
        baseline_report_stage(context).ensure()
    if as_json:
        print_json(evaluation)
    else:
        show_evaluation(stdout(), evaluation)
    context.reporter.say(f"Report: {context.paths.baseline_report}")
