"""`recipe show`: the whole recipe of a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .command import Command, pass_run
from .recipe_keys import recipe_sections

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command(cls=Command)
@click.argument("action", type=click.Choice(["show"]))
@pass_run
def recipe(context: RunContext, *, action: str) -> None:  # noqa: ARG001 - there is one
    """Show the whole recipe of this command line as YAML, which --config takes."""
    from ..preparation.recipe_file import effective, recipe_text  # noqa: PLC0415 - Pydantic; not for --help

    ctx = click.get_current_context()
    sections = recipe_sections(ctx)
    given = {"select_on": context.profile.select_on, **(ctx.default_map or {}), **ctx.find_root().params}
    values = effective(sections, given)
    comments = {
        f"{section}.{option.name}" if section else str(option.name): option.help or ""
        for section, options in sections.items()
        for option in options
    }
    click.echo(recipe_text(values, comments), nl=False)
