"""`init`: the first recipe."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..core.errors import UserInputError, message_line
from ..core.option_types import PathTo
from ..core.shell import shell_word
from .command import Command, pass_run
from .options import FORCE
from .program import program
from .recipe_keys import recipe_sections

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..workflow.context import RunContext


@click.command(cls=Command)
@click.option(
    "--out",
    type=PathTo(path_type=Path, dir_okay=False),
    default="recipe.yaml",
    show_default=True,
    help="The recipe to write.",
)
@FORCE
@pass_run
def init(context: RunContext, *, out: Path, force: bool) -> None:
    """Write a commented recipe for your pairs.

    Asks for the files, the columns and what the label means, with a guess each. No question is asked where an option
    says what the data is, or where the input is no terminal.
    """
    from ..preparation.first_recipe import first_recipe  # noqa: PLC0415 - heavy; not for --help
    from ..preparation.new_files import refuse_to_replace  # noqa: PLC0415 - the same
    from ..preparation.recipe_file import recipe_text  # noqa: PLC0415 - PyYAML
    from ..storage.files import write_text  # noqa: PLC0415 - NumPy

    refuse_to_replace(out, force=force)
    group = click.get_current_context().find_root()
    default = (ParameterSource.DEFAULT, None)
    given = {
        str(option.name): group.params[str(option.name)]
        for option in recipe_sections(click.get_current_context())["data"]
        if group.get_parameter_source(str(option.name)) not in default
    }
    ask = _ask if _is_terminal(sys.stdin) and not given else None
    found = first_recipe(given, context.data, context.seed, ask)
    write_text(out, recipe_text(found.values, found.comments))
    context.reporter.say(f"{out}: read it, then run {program()} --config {shell_word(str(out))} evaluate-data")


def _is_terminal(stream: Any) -> bool:  # noqa: ANN401 - None where the process has none
    return stream is not None and bool(stream.isatty())


def _ask(question: str, guess: str, check: Callable[[str], object]) -> str:
    """Ask the user until the check takes the answer."""

    def checked(answer: str) -> str:
        try:
            check(answer)
        except UserInputError as error:
            raise click.UsageError(message_line(str(error.args[0]))) from None
        return answer

    return str(click.prompt(question, default=guess or None, value_proc=checked, prompt_suffix=" ", err=True))
