"""`evaluate`: evaluate trained models, or one that was trained elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.errors import UserInputError
from ..core.option_types import PathTo, Text
from .command import Command, pass_run
from .options import JSON
from .output import print_json_list, stdout
from .paths import real_path

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command(cls=Command)
@click.option(
    "--mode", type=click.Choice(["standard", "lora", "all"]), help="The training of this name, or all.  [default: all]"
)
@click.option("--name", type=Text(), help="One training by its name; with --model, what the model is called here.")
@click.option(
    "--model",
    type=PathTo(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A model that was trained elsewhere: a folder of sentence-transformers, or a LoRA adapter's.",
)
@JSON
@pass_run
def evaluate(context: RunContext, *, mode: str | None, name: str | None, model: Path | None, as_json: bool) -> None:
    """Evaluate trained models, or one from elsewhere.

    They are evaluated exactly as the baseline was.
    """
    from ..post_training_eval import evaluate_trained, judge_folder  # noqa: PLC0415
    from ..report.terminal import show_evaluation  # noqa: PLC0415 - heavy; not for --help

    if model is not None and mode is not None:
        raise UserInputError("give --mode or --model, not both; leave one out")
    # all of them before the first is shown: whatever becomes of stdout, the work is done
    found = (
        evaluate_trained(context, mode, name)
        if model is None
        else [judge_folder(context, real_path("--model", model), name)]
    )
    if as_json:
        print_json_list("evaluations", found)
        return
    for evaluation in found:
        show_evaluation(stdout(), evaluation)
