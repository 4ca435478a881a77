"""What the data is: the options, and the value that they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.option_types import FiniteFloat, PathTo, Text
from .paths import real_path

if TYPE_CHECKING:
    from collections.abc import Callable

_OPTIONS = (
    click.option(
        "--profile",
        type=click.Choice(["auto", "dating", "pairs"]),
        default="auto",
        help="Kind of data.  [default: dating where its files are found, else pairs]",
    ),
    *(
        click.option(f"--{split}-file", type=PathTo(path_type=Path, dir_okay=False), help=help_text)
        for split, help_text in (
            ("train", "Training pairs.  [default: found in --data-dir by its name]"),
            ("validation", "Pairs that choose, with --select-on validation."),
            ("test", "Pairs to measure on."),
            ("challenge", "A second set to measure on, never trained on."),
        )
    ),
    click.option(
        "--columns",
        type=Text(),
        metavar="OURS=THEIRS,...",
        help="Columns: text_1=question1,text_2=question2,label=is_duplicate.  [default: recognised]",
    ),
    click.option(
        "--slice-by", type=Text(), multiple=True, metavar="COLUMN", help="Measure each value of a column; at most two."
    ),
    click.option("--label-kind", type=click.Choice(["auto", "binary", "graded", "classes"]), default="auto"),
    click.option(
        "--label-map", type=Text(), metavar="LABEL=NUMBER,...", help="What labels mean: entailment=1,neutral=drop."
    ),
    click.option("--label-range", type=Text(), metavar="LOW,HIGH", help="Least and largest grade."),
    click.option("--positive-at", type=FiniteFloat(), help="Least grade of a positive pair; without it no thresholds."),
    click.option("--delimiter", type=Text(), help="What separates the fields of a table: a sign, or tab."),
    click.option("--quote-char", type=click.Choice(["double", "none"]), help="What quotes the fields of a table."),
    click.option("--no-header", is_flag=True, help="The columns of a table are called 1, 2, 3."),
)


def describes_data(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the program the options that say what the data is."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def data_options(given: dict[str, Any]) -> Any:  # noqa: ANN401 - its type would import Pydantic here
    """The `DataOptions` of the options of the program.

    Raises:
        UserInputError: One cannot be read, or two contradict each other.
    """
    from ..data import options as data  # noqa: PLC0415 - not for --help
    from ..models import LabelKind, ProfileName  # noqa: PLC0415

    files = {
        split: real_path(option, path)
        for split, option in data.FILE_OPTIONS.items()
        if (path := given[option.removeprefix("--").replace("-", "_")]) is not None
    }
    found = data.DataOptions(
        profile=ProfileName(given["profile"]),
        files=files,
        searched=not files or given["data_dir"] is not None,
        columns=data.parse_columns(given["columns"]) if given["columns"] else {},
        slices=given["slice_by"],
        label_kind=LabelKind(given["label_kind"]),
        label_map=data.parse_label_map(given["label_map"]) if given["label_map"] else {},
        label_range=data.parse_range(given["label_range"]) if given["label_range"] else None,
        positive_at=given["positive_at"],
        delimiter=data.parse_delimiter(given["delimiter"]) if given["delimiter"] else None,
        quoted=None if given["quote_char"] is None else given["quote_char"] == "double",
        header=not given["no_header"],
    )
    data.refuse_options(found)
    return found
