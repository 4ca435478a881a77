"""Which file of a folder is which split, by the keywords of the Hugging Face Hub."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..core.errors import DataFileError, UserInputError
from ..models import Split
from .formats.faults import quote
from .formats.recognise import has_data_ending
from .options import FILE_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .options import DataOptions

# a keyword stands between the ends of a name, signs and digits
KEYWORDS = {
    Split.TRAIN: ("train", "training"),
    Split.VALIDATION: ("validation", "valid", "val", "dev"),
    Split.TEST: ("test", "testing", "eval", "evaluation"),
    Split.CHALLENGE: ("challenge",),
}
_WORD = re.compile(r"[^\W\d_]++")
_MOST_NAMED = 10


def find_files(folder: Path, options: DataOptions) -> dict[Split, Path]:
    """The files of a run, by split: those that were named, and for the others what the folder holds.

    Train and test are always there.

    Args:
        folder: The data folder.
        options: Names files, and says whether the folder is searched.

    Raises:
        DataFileError: Several files could be one split, or train or test is missing.
        UserInputError: One file is named for two splits.
    """
    found = dict(options.files)
    for split in FILE_OPTIONS:
        candidates = files_of(folder, split) if options.searched and split not in found else []
        if len(candidates) > 1:
            names = ", ".join(quote(path.name) for path in candidates[:_MOST_NAMED])
            raise DataFileError(f"{folder}: several files could be {split}: {names}; choose with {FILE_OPTIONS[split]}")
        if candidates:
            found[split] = candidates[0]
    for split in (Split.TRAIN, Split.TEST):
        if split not in found:
            raise DataFileError(_missing(folder, split, options))
    _refuse_one_for_two(found)
    return found


def files_of(folder: Path, split: Split) -> list[Path]:
    """The data files of a folder whose names hold a keyword of a split, sorted; none where there is no folder."""
    try:
        there = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError:
        return []
    return [path for path in there if has_data_ending(path) and _names(path, split)]


def _names(path: Path, split: Split) -> bool:
    """Whether a word of the file's name stands for the split."""
    return not {word.lower() for word in _WORD.findall(path.name)}.isdisjoint(KEYWORDS[split])


def _missing(folder: Path, split: Split, options: DataOptions) -> str:
    name_it = f"name the file with {FILE_OPTIONS[split]}"
    if not options.searched:
        return f"no {split} file: {name_it}, or give the folder with --data-dir"
    return f"{folder}: no data file has {' or '.join(KEYWORDS[split])} in its name; rename it, or {name_it}"


def _refuse_one_for_two(found: Mapping[Split, Path]) -> None:
    taken: dict[Path, Split] = {}
    for split, path in found.items():
        if path in taken:
            raise UserInputError(
                f"{path}: taken for {taken[path]} and for {split}; choose with {FILE_OPTIONS[taken[path]]} and "
                f"{FILE_OPTIONS[split]}"
            )
        taken[path] = split
