"""Guards: labelled pairs of another kind, which a fine-tuned model should not get worse at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import NAME_LIMIT, DataFileError, UserInputError, printable
from ..models import GENERAL_ENGLISH
from .english import are_english
from .mapped_pairs import load_mapped_pairs
from .options import COLUMN_ROLES, DataOptions, parse_columns, parse_label_map
from .overlap import split_overlap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ..models import PairSet

    Say = Callable[[str], None]

# the smallest guard that a test is made on, as large as the smallest slice (`verdict/decision.py`)
MIN_PAIRS = 30
MIN_OF_A_LABEL = 10
_EXAMPLE = "stsb.csv:text_1=6,text_2=7,label=5"
_REMEDY = "--guard names the file"


@dataclass(frozen=True)
class GuardFile:
    """A guard as `--guard` names it."""

    path: Path
    options: DataOptions

    @property
    def name(self) -> str:
        """What the guard is called: its file."""
        return self.path.name


@dataclass(frozen=True, eq=False)
class Guard:
    """The pairs of a guard."""

    name: str
    pairs: PairSet
    kept: NDArray[np.intp]  # the rows that are measured: train does not hold them
    shipped: bool  # whether they ship with the project


def parse_guard(text: str) -> GuardFile:
    """`FILE`, or `FILE:text_1=6,text_2=7,label=5` where its columns are not recognised.

    Columns that are all called by numbers are those of a table without a header. What else stands left of `=` is a
    label and its number, as in `old.csv:same=1,other=0`. Grades need no range: they take that of the file.

    Raises:
        UserInputError: What follows the colon names neither columns nor labels.
    """
    file, colon, named = text.rpartition(":")
    if not colon or "=" not in named or Path(text).exists():
        file, named = text, ""
    parts = [part.strip() for part in named.split(",") if part.strip()]
    roles = [part for part in parts if part.partition("=")[0].strip() in COLUMN_ROLES[:3]]
    labels = [part for part in parts if part not in roles]
    try:
        columns = parse_columns(",".join(roles)) if roles else {}
        label_map = parse_label_map(",".join(labels)) if labels else {}
    except UserInputError:
        raise UserInputError(
            f"--guard {printable(text, NAME_LIMIT)}: after the colon stand columns, or two labels at least with "
            f"different numbers, as in {_EXAMPLE} or old.csv:same=1,other=0; mend it"
        ) from None
    header = not columns or not all(name.isdecimal() for name in columns.values())
    return GuardFile(Path(file), DataOptions(columns=columns, label_map=label_map, header=header, range_of_file=True))


def read_guards(files: Sequence[GuardFile], shipped: Path, train: PairSet, test: PairSet, say: Say) -> list[Guard]:
    """The guards of a run: those that the user named, and the pairs that ship where the texts are English.

    Pairs that train holds too are left out: what a model learned by heart says nothing about the rest.

    Args:
        files: What the user named.
        shipped: The file that ships.
        train: Pairs that the models were trained on.
        test: Pairs that the models are measured on; their texts say whether the data is English.
        say: Told what was recognised and what was left out.

    Raises:
        DataFileError: A file cannot be read, or has too few pairs.
        UserInputError: Two guards have one name.
    """
    names = [file.name for file in files]
    for name in names:
        if names.count(name) > 1 or name == GENERAL_ENGLISH:
            raise UserInputError(f"--guard {printable(name, NAME_LIMIT)}: two guards have this name; rename one")
    found = [_named(file, train, say) for file in files]
    if not are_english(test):
        return found
    pairs = load_mapped_pairs(shipped, DataOptions(range_of_file=True), "install the package again", lambda _: None)
    return [*found, Guard(GENERAL_ENGLISH, pairs, np.arange(len(pairs)), shipped=True)]


def _named(file: GuardFile, train: PairSet, say: Say) -> Guard:
    pairs = load_mapped_pairs(file.path, file.options, _REMEDY, say)
    kept = np.flatnonzero(split_overlap(train, pairs).deduplicated)
    if left_out := len(pairs) - len(kept):
        say(f"{file.name}: {left_out} of {len(pairs)} pairs left out of the guard: train holds them")
    ones = int(pairs.labels[kept].sum(dtype=int))
    rarer = min(ones, len(kept) - ones)
    if len(kept) < MIN_PAIRS or rarer < MIN_OF_A_LABEL:
        what = "of a label" if pairs.scale is None else "on each side of the middle of the grades"
        raise DataFileError(
            f"{file.path}: {len(kept)} pairs, {rarer} of them {what}; a guard needs at least {MIN_PAIRS}, "
            f"{MIN_OF_A_LABEL} {what}; give a larger file"
        )
    return Guard(file.name, pairs, kept, shipped=False)
