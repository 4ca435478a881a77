"""`export`: a model as a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.option_types import FiniteFloatRange, PathTo, Text
from .command import Command, pass_run
from .options import JSON
from .output import print_json, stdout
from .paths import real_path

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command(cls=Command)
@click.option(
    "--name", type=Text(), default="standard", show_default=True, help="Name of a training or of a judged model."
)
@click.option("--format", "form", type=click.Choice(["merged", "onnx", "int8"]), required=True)
@click.option(
    "--output",
    type=PathTo(path_type=Path, file_okay=False),
    metavar="DIR",
    required=True,
    help="The folder to write.",
)
@click.option(
    "--tolerance",
    type=FiniteFloatRange(0, 1),
    help="Largest loss of AUC, with grades of Spearman: the lower end of its interval decides.  [default: 0.01]",
)
@click.option("--force", is_flag=True, help="Replace an earlier export.")
@JSON
@pass_run
def export(
    context: RunContext,
    *,
    name: str,
    form: str,
    output: Path,
    tolerance: float | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write a model as a folder of its own, and measure it.

    It is loaded again from that folder; what it lost on the test pairs is shown.

    \b
    merged: weights as sentence-transformers loads them, an adapter merged into its base model
    onnx:   a graph for ONNX Runtime, pooling and normalisation included
    int8:   that graph with 8-bit weights, for this processor
    """  # noqa: D301 - click looks for the character that this backslash makes
    from ..export.exporting import TOLERANCE, export_model  # noqa: PLC0415 - heavy; not for --help
    from ..models import ExportFormat  # noqa: PLC0415 - Pydantic
    from ..report.terminal import show_export  # noqa: PLC0415 - heavy

    allowed = TOLERANCE if tolerance is None else tolerance
    place = real_path("--output", output)
    found = export_model(context, name, ExportFormat(form), place, tolerance=allowed, force=force)
    if as_json:
        print_json(found)
    else:
        show_export(stdout(), found)
    context.reporter.say(f"Exported: {place}")
