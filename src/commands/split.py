"""`split`: one file divided into train, validation and test."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.errors import UserInputError
from ..core.option_types import PathTo, Text
from ..core.shell import shell_word
from .command import Command, pass_run
from .options import FORCE, JSON
from .output import print_json_object, stdout

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command(cls=Command)
@click.argument("file", type=PathTo(path_type=Path, dir_okay=False), required=False)
@click.option("--out", type=PathTo(path_type=Path, file_okay=False), required=True, help="Where the parts go.")
@click.option(
    "--group",
    type=Text(),
    metavar="COLUMN",
    help="Keep pairs of one value together; text_1 or text_2: of one text.  [default: of any shared text]",
)
@click.option("--shares", type=Text(), default="80,10,10", show_default=True, help="Of train, validation and test.")
@FORCE
@JSON
@pass_run
def split(
    context: RunContext,
    *,
    file: Path | None,
    out: Path,
    group: str | None,
    shares: str,
    force: bool,
    as_json: bool,
) -> None:
    """Divide a file into train, validation and test.

    The parts of FILE, or of --train-file, share no text.
    """
    from ..models import Split  # noqa: PLC0415 - Pydantic
    from ..preparation.splitting import parse_shares, split_file, split_table  # noqa: PLC0415 - heavy; not for --help
    from ..report.terminal_table import show_table  # noqa: PLC0415 - the same

    source = context.data.files.get(Split.TRAIN) if file is None else file
    if source is None:
        raise UserInputError("split: name the file to divide, as in `split pairs.csv --out DIR`")
    wanted = parse_shares(shares)
    parts = split_file(source, context.data, out, shares=wanted, group=group, seed=context.seed, force=force)
    if as_json:
        print_json_object({"parts": [{**dataclasses.asdict(part), "path": str(part.path)} for part in parts]})
    else:
        show_table(stdout(), split_table(parts, group))
    context.reporter.say(f"Read them with --data-dir {shell_word(str(out))}")
