"""`score`: the cosine of pairs, and what it says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.option_types import PathTo, Text
from .command import Command, pass_run
from .costs import costs, takes_costs
from .options import JSON
from .output import print_json_list, stdout, takes_unicode

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command(cls=Command)
@click.argument("text_1", type=Text(), required=False)
@click.argument("text_2", type=Text(), required=False)
@click.option("--input", "source", type=PathTo(path_type=Path, dir_okay=False), help="A file of pairs.")
@click.option(
    "--model",
    "name",
    type=Text(),
    default="standard",
    show_default=True,
    help="Name of a training or of a judged model, or baseline.",
)
@takes_costs
@JSON
@pass_run
def score(
    context: RunContext,
    *,
    text_1: str | None,
    text_2: str | None,
    source: Path | None,
    name: str,
    cost_fp: float | None,
    cost_fn: float | None,
    base_rate: float | None,
    as_json: bool,
) -> None:
    """Cosine and verdict of two texts, or of each pair of a file.

    Of a file they are JSON Lines.
    """
    from ..core.formatting import json_line  # noqa: PLC0415 - not for --help
    from ..report.terminal import show_score  # noqa: PLC0415 - heavy
    from ..scoring import score_pairs, texts_to_score  # noqa: PLC0415

    given = (cost_fp, cost_fn, base_rate)
    wrong_calls = None if given == (None, None, None) else costs(*given)
    scored = score_pairs(context, texts_to_score(context, text_1, text_2, source), name, wrong_calls)
    if as_json:
        print_json_list("scores", list(scored))
        return
    for result in scored:
        if source is None:
            show_score(stdout(), result)
        else:
            click.echo(json_line(result.model_dump_json(ensure_ascii=not takes_unicode(sys.stdout))))
