"""Which column of a data file is which: named by the user, or recognised by its name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from ..core.errors import DataFileError
from .formats.faults import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

TEXT_COLUMNS = (
    ("text_1", "text_2"),
    ("sentence1", "sentence2"),
    ("sentence_1", "sentence_2"),
    ("sentence_A", "sentence_B"),
    ("text1", "text2"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("query", "document"),
    ("query", "passage"),
    ("query", "answer"),
    ("anchor", "positive"),
)
LABEL_COLUMNS = ("label", "labels", "score", "scores", "is_duplicate", "gold_label", "relatedness_score")
_MOST_NAMED = 30
_EXAMPLE = "--columns text_1=...,text_2=...,label=..."
_NO_HEADER = "and give --no-header where the first row of a table is data"


@dataclass(frozen=True)
class Columns:
    """The file's own names of what is read."""

    text_1: str
    text_2: str
    label: str | None  # None where no label is read
    slices: tuple[str, ...]
    group: str | None = None  # its pairs belong together
    id: str | None = None  # what the pairs are called

    @property
    def read(self) -> list[str]:
        """All columns that are read, each once."""
        others = (name for name in (self.label, self.group, self.id) if name is not None)
        return list(dict.fromkeys((self.text_1, self.text_2, *others, *self.slices)))

    def unused(self, there: Iterable[str]) -> list[str]:
        """The columns of the file that nothing was made of."""
        return [name for name in there if name not in self.read]


def find_columns(
    path: Path,
    there: Sequence[str],
    given: Mapping[str, str],
    slices: Sequence[str] = (),
    *,
    labelled: bool = True,
) -> Columns:
    """Find the columns of one file.

    Args:
        path: The file, for messages.
        there: The names of its columns.
        given: Our names to the file's, as `--columns` says.
        slices: Columns that group the pairs.
        labelled: Whether there has to be a label.

    Raises:
        DataFileError: A named column is not there or stands twice, or none or several can be recognised.
    """
    for ours, theirs in given.items():
        _require(path, there, theirs, f"--columns {ours}={quote(theirs)}", given.values())
    for name in slices:
        _require(path, there, name, f"--slice-by {quote(name)}", ())
    text_1, text_2 = _texts(path, there, given)
    label = _label(path, there, given) if labelled else None
    named = [name for name in (text_1, text_2, label) if name is not None]
    if len(set(named)) < len(named):
        raise DataFileError(f"{path}: {', '.join(map(quote, named))}: one column cannot be two things; see --columns")
    found = Columns(text_1, text_2, label, tuple(slices), given.get("group"), given.get("id"))
    for name in found.read:
        if there.count(name) > 1:
            raise DataFileError(f"{path}: the column {quote(name)!r} stands twice; rename one")
    return found


def _require(path: Path, there: Sequence[str], name: str, option: str, ours: Iterable[str]) -> None:
    if name in there:
        return
    near = difflib.get_close_matches(name, there[:_MOST_NAMED], n=1, cutoff=0.5)
    hint = f"; {quote(near[0])!r} is meant?" if near else ""
    turned = "" if not list(ours) else "; --columns is written OURS=THEIRS, the file's own name on the right"
    _stop(path, there, f"{option}: there is no column {quote(name)!r}{hint}{turned}")


def _texts(path: Path, there: Sequence[str], given: Mapping[str, str]) -> tuple[str, str]:
    if "text_1" in given and "text_2" in given:
        return given["text_1"], given["text_2"]
    if "text_1" in given or "text_2" in given:
        _stop(path, there, "--columns names one of text_1 and text_2; name both")
    found = [pair for pair in TEXT_COLUMNS if all(name in there for name in pair)]
    if len(found) > 1:
        pairs = " or ".join(f"text_1={one},text_2={two}" for one, two in found)
        raise DataFileError(f"{path}: several columns could be the texts; choose with --columns {pairs}")
    if not found:
        _stop(
            path,
            there,
            f"no column is recognised as the texts; name them with {_EXAMPLE}, {_NO_HEADER}",
        )
    return found[0]


def _label(path: Path, there: Sequence[str], given: Mapping[str, str]) -> str:
    if "label" in given:
        return given["label"]
    found = [name for name in LABEL_COLUMNS if name in there]
    if len(found) > 1:
        names = " or ".join(f"label={name}" for name in found)
        raise DataFileError(f"{path}: several columns could be the label; choose with --columns {names}")
    if not found:
        _stop(path, there, f"no column is recognised as the label; name it with {_EXAMPLE}")
    return found[0]


def _stop(path: Path, there: Sequence[str], what: str) -> NoReturn:
    shown = ", ".join(map(quote, there[:_MOST_NAMED])) or "none"
    more = f" and {len(there) - _MOST_NAMED} more" if len(there) > _MOST_NAMED else ""
    raise DataFileError(f"{path}: {what}; its columns are {shown}{more}")
