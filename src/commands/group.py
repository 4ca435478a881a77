"""The group of the commands: it turns errors into one line and an exit code."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import Any, NoReturn

import click

from ..core.environment_variables import refuse_stripped_docstrings
from ..core.errors import (
    PipelineError,
    StageError,
    UserInputError,
    first_line,
    is_out_of_memory,
    memory_is_short,
    message_line,
)
from .program import program_with_options

_RESERVE = 1 << 23  # bytes


class _Refusal(click.ClickException):
    """One line in place of any help."""

    exit_code = UserInputError.exit_code


class Group(click.Group):
    """Turns errors into one line and an exit code. No other place does."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:  # noqa: ANN401 - click's own types
        """The context of a command line; an interpreter that has no help texts to show is refused."""
        try:
            refuse_stripped_docstrings(sys.flags.optimize)
        except UserInputError as error:
            raise _Refusal(str(error)) from None
        return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own type
        """Run the command; an error ends it with one line and its exit code."""
        reserve = bytearray(_RESERVE)
        try:
            return super().invoke(ctx)
        except PipelineError as error:
            _fail(ctx, error)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - the one place where a user is spared a traceback, whatever happened
            short = memory_is_short(_RESERVE)
            # where memory ran out, the message needs some
            reserve.clear()
            _fail(ctx, in_our_words(error, short=short))


def _fail(ctx: click.Context, error: PipelineError) -> NoReturn:
    if ctx.params.get("verbose"):
        logging.getLogger(__package__).error("where it happened", exc_info=error)
    told = [_with_command(ctx, error)] if isinstance(error, StageError) else map(message_line, map(str, error.args))
    tell("Error: " + "\n".join(told))
    ctx.exit(error.exit_code)


def _with_command(ctx: click.Context, error: StageError) -> str:
    """An error of a stage, with the command that makes its result, ready to be pasted."""
    if error.causes:
        return "; ".join(_with_command(ctx, cause) for cause in error.causes)
    what = message_line(str(error))
    return f"{what}; run `{program_with_options(ctx)} {error.command}` {error.when}" if error.command else what


def tell(message: str) -> None:
    """Write to stderr; ignore a closed stream."""
    with suppress(OSError):
        click.echo(message, err=True)


def in_our_words(error: Exception, *, short: bool = False) -> PipelineError:
    """An unexpected error as one of ours; a library that memory failed may name another reason, so `short` decides."""
    if short or is_out_of_memory(error):
        return PipelineError(
            "out of memory; close other programs or use less data, and with `train` a smaller --batch-size"
        )
    if isinstance(error, OSError):
        where, why = error.filename or "standard output or a file", error.strerror or first_line(error)
        return PipelineError(f"{where}: cannot be used: {why}; mend that or choose another place, and run again")
    return PipelineError(f"unexpected {type(error).__name__}: {first_line(error)}; -v shows where it happened")
