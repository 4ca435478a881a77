"""Where results go: standard output, as tables or as one JSON object."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from ..core.distributed import is_main_process

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel


def stdout() -> Any:  # noqa: ANN401 - its type would import Rich here
    """A Rich console on standard output; of several processes the first alone prints."""
    from ..core.progress import PatientConsole  # noqa: PLC0415 - not for --help

    return PatientConsole(highlight=False, quiet=not is_main_process())


def takes_unicode(stream: object) -> bool:
    """Whether a stream has every character."""
    return str(getattr(stream, "encoding", None)).lower().startswith("utf")


def print_json(value: BaseModel) -> None:
    """Print a result as the file of it is written."""
    print_json_object(value.model_dump(mode="json"))


def print_json_list(name: str, values: Sequence[BaseModel]) -> None:
    """Print several results as one object, which holds them as a list under this name."""
    print_json_object({name: [value.model_dump(mode="json") for value in values]})


def print_json_object(content: dict[str, Any]) -> None:
    """Print what JSON can hold; what a terminal would obey is escaped, and a reader that has left is no error."""
    from ..core.formatting import json_line  # noqa: PLC0415 - not for --help

    console = stdout()
    if console.quiet:
        return
    text = json.dumps(content, indent=2, ensure_ascii=not takes_unicode(sys.stdout), allow_nan=False)
    try:
        click.echo("\n".join(map(json_line, text.split("\n"))))
    except BrokenPipeError:
        # a gate may still have to say no
        console.on_broken_pipe()
