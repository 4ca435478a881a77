"""How the user started this program, as a message repeats it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from click.core import ParameterSource

from ..core.shell import shell_word

if TYPE_CHECKING:
    import click

_SCRIPT = "finetune-evidence"


def program() -> str:
    """How the user started this program."""
    script = Path(sys.argv[0]).stem
    return script if script == _SCRIPT else f"python -m {__package__.rpartition('.')[0]}.cli"


def program_with_options(ctx: click.Context) -> str:
    """The program with the shared options of this command line, except -q and -v."""
    group, words = ctx.find_root(), [program()]
    for option in group.command.params:
        name = option.name or ""
        given = group.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in ("quiet", "verbose"):
            value = group.params[name]
            for one in value if isinstance(value, tuple) else (value,):
                words += [option.opts[0], *([] if one is True else [shell_word(str(one))])]
    return " ".join(words)
