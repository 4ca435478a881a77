"""The program: its shared options, its commands, and how it ends.

Each command is a file of `commands/`. It builds a value from its options, calls one function and shows the result.
Stage functions are imported inside the commands, so that `--help` and every usage error answer at once.
"""

from __future__ import annotations

import functools
import io
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from .commands.baseline import baseline
from .commands.compare import compare
from .commands.curve import curve
from .commands.data_options import describes_data
from .commands.decide import decide
from .commands.evaluate import evaluate
from .commands.evaluate_data import evaluate_data
from .commands.export import export
from .commands.group import Group, in_our_words, tell
from .commands.init import init
from .commands.program import program
from .commands.recipe import recipe
from .commands.run import run
from .commands.run_context import run_context
from .commands.score import score
from .commands.search import search
from .commands.split import split
from .commands.status import status
from .commands.train import train
from .core.errors import PipelineError, message_line
from .core.option_types import PathTo, PromptText, Text

EXIT_INTERRUPTED = 130


@click.group(
    cls=Group,
    commands=[
        init,
        split,
        recipe,
        run,
        evaluate_data,
        baseline,
        train,
        search,
        evaluate,
        compare,
        decide,
        curve,
        status,
        score,
        export,
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--root", type=PathTo(path_type=Path, file_okay=False), default=".", help="Where results go.")
@click.option(
    "--data-dir",
    type=PathTo(path_type=Path, file_okay=False),
    help="The data.  [default: ROOT/data/raw]",
)
@click.option("--config", type=PathTo(path_type=Path, dir_okay=False), help="A recipe file: what is not given here.")
@click.option(
    "--set",
    "settings",
    type=Text(),
    multiple=True,
    metavar="KEY=VALUE",
    help="A key of the recipe: wins over its file.",
)
@describes_data
@click.option(
    "--base-model", type=Text(), metavar="NAME|DIR", help="Base model.  [default: the installed all-MiniLM-L6-v2]"
)
@click.option("--allow-download", is_flag=True, help="Let --base-model be fetched from the Hub.")
@click.option(
    "--max-seq-length",
    type=click.IntRange(3, 1_000_000),
    metavar="TOKENS",
    help="Tokens of a text that the model reads.  [default: the base model's]",
)
@click.option(
    "--prompt-1",
    type=PromptText(),
    help="What models read before text 1, an instruction for example; '' for nothing.  [default: the base model's]",
)
@click.option("--prompt-2", type=PromptText(), help="The same before text 2.")
@click.option("--device", type=click.Choice(["auto", "cpu", "mps", "cuda"]), default="auto", show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="No progress, results and errors only.")
@click.option("-v", "--verbose", is_flag=True, help="Say more; show where an error came from.")
@click.pass_context
def main(ctx: click.Context, /, **_options: Any) -> None:  # noqa: ANN401 - click's own types
    """Fine-tune a sentence-embedding model on labelled pairs, and show what that did.

    These options may stand before the command or after it.

    \b
    Before a run:    init, split, recipe show
    All at once:     run
    Step by step:    evaluate-data, baseline, train, evaluate, compare
    Other recipes:   search
    Other limits:    decide
    More pairs?      curve
    To use a model:  score, export
    """  # noqa: D301 - click looks for the character that this backslash makes
    ctx.obj = functools.partial(run_context, ctx.invoked_subcommand, ctx.params)


def _escape_what_has_no_place() -> None:
    """Write characters that the terminal's encoding lacks as escapes; they would end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _click_line(line: str) -> str:
    # it sets lists in with tabs
    return "\t".join(map(message_line, line.split("\t")))


def entry() -> None:
    """Run the program. Ctrl-C exits with 130; a closed pipe is no error."""
    if hasattr(signal, "SIGXFSZ"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _escape_what_has_no_place()
    try:
        # not main(...), which would end a closed pipe with 1
        with main.make_context(program(), sys.argv[1:]) as ctx:
            code = main.invoke(ctx)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except (click.Abort, KeyboardInterrupt):
        tell("Interrupted.")
        code = EXIT_INTERRUPTED
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        tell("\n".join(map(_click_line, shown.getvalue().splitlines())))
        code = error.exit_code
    except BrokenPipeError:
        code = 0
    except OSError as error:
        # a usage or help text that could not be written
        tell(f"Error: {message_line(str(in_our_words(error)))}")
        code = PipelineError.exit_code
    _flush()
    sys.exit(code if isinstance(code, int) else 0)


def _flush() -> None:
    """Flush the streams and drop what cannot be written; the interpreter would exit with 120 otherwise."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    entry()
