"""`recipe show`: the whole recipe of a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .command import Command, pass_run
from .recipe_keys import recipe_sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..workflow.context import RunContext


@click.command(cls=Command)
@click.argument("action", type=click.Choice(["show"]))
@pass_run
def recipe(context: RunContext, *, action: str) -> None:  # noqa: ARG001 - there is one
    """Show the whole recipe of this command line as YAML.

    --config takes it.
    """
    click.echo(recipe_as_text(click.get_current_context(), {}, select_on=context.profile.select_on), nl=False)


def recipe_as_text(ctx: click.Context, chosen: Mapping[str, Any], **defaults: object) -> str:
    """The whole recipe of a command line as YAML.

    Args:
        ctx: The command line.
        chosen: Values that win over those of the command line, by the name of their option.
        defaults: Values where the command line says nothing, by the same.
    """
    from ..preparation.recipe_file import effective, recipe_text  # noqa: PLC0415 - Pydantic; not for --help

    sections = recipe_sections(ctx)
    values = effective(sections, {**defaults, **(ctx.default_map or {}), **ctx.find_root().params, **chosen})
    comments = {
        f"{section}.{option.name}" if section else str(option.name): option.help or ""
        for section, options in sections.items()
        for option in options
    }
    return recipe_text(values, comments)
