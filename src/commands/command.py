"""The class of the commands: each takes the shared options too, and what a recipe says."""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .program import program
from .recipe_keys import from_recipe

if TYPE_CHECKING:
    from collections.abc import Callable


class Command(click.Command):
    """Takes the shared options too; `--help` of the program lists them."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own options, and the shared ones, which its own help leaves out."""
        return [*super().get_params(ctx), *map(_after_the_command, _shared_options(ctx))]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; what it leaves out comes from the recipe, if there is one."""
        given = self.make_parser(ctx).parse_args(args=list(args))[0]
        for option in self.get_params(ctx):
            if option.name in ("config", "settings"):
                option.handle_parse_result(ctx, given, [])
        help_option = self.get_help_option(ctx)
        if help_option is None or help_option.name not in given:
            ctx.default_map = from_recipe(ctx)
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """End the help with where the shared options are listed."""
        super().format_epilog(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text(f"Shared options, such as --root, may stand here too: {program()} --help lists them.")


def _shared_options(ctx: click.Context) -> list[click.Option]:
    group = ctx.parent.command if ctx.parent else None
    return [option for option in group.params if isinstance(option, click.Option)] if group else []


def _after_the_command(option: click.Option) -> click.Option:
    """A shared option as a command takes it: given there, it replaces what was given before the command."""
    again = copy.copy(option)
    again.hidden, again.expose_value, again.callback = True, False, _share
    return again


def _share(ctx: click.Context, option: click.Parameter, value: object) -> None:
    name, group = option.name or "", ctx.find_root()
    source, before = ctx.get_parameter_source(name), group.get_parameter_source(name)
    of_recipe = source is ParameterSource.DEFAULT_MAP and before is not ParameterSource.COMMANDLINE
    if source is not None and (source is ParameterSource.COMMANDLINE or of_recipe):
        group.params[name] = value
        group.set_parameter_source(name, source)


def pass_run(command: Callable[..., None]) -> Callable[..., None]:
    """Pass the run context to a command. It is built when the command starts, so --help and usage errors need none."""

    @click.pass_context
    @functools.wraps(command)
    def started(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click's own types
        command(ctx.obj(), **options)

    return started
