"""Labelled pairs of any data file: format recognised, columns found, labels mapped."""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import DataFileError
from ..models import PairSet
from .columns import Columns, find_columns
from .formats.faults import Faults, RowFaultError, quote
from .formats.source import opened
from .labels import label_scheme, label_token, with_decimal_point
from .raw_file import raw_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from .formats.source import Source
    from .labels import LabelScheme
    from .options import DataOptions

    _Reader = Callable[[Mapping[str, Any], str], str]  # of a record, the value of this column as a name

_MOST_NAMED = 30
_HASHED_AT_ONCE = 10_000


def load_mapped_pairs(path: Path, options: DataOptions, remedy: str, say: Callable[[str], None]) -> PairSet:
    """Read and check one file of labelled pairs.

    Pairs without a label are left out and counted.

    Args:
        path: The file.
        options: Its columns, labels and format, as far as they are given.
        remedy: What to do where there is no such file.
        say: Told what was recognised and what was left out.

    Raises:
        DataFileError: The file is missing, its format or its columns are not clear, or it holds faulty records; the
            message lists the first 20 with their lines and says how many there are.
        PipelineError: The file changed while it was read.
    """
    file = _File(path, options, remedy, say)
    texts: tuple[list[str], list[str]] = ([], [])
    named = file.named
    names: dict[str, list[str]] = {field: [] for field in named}
    tokens: list[str] = []
    lines = array("q")
    with opened(path, remedy) as source:
        for number, row in file.rows(source):
            try:
                one, two = file.texts(row)
                token = file.label(row)
                found = [read(row, column) for column, read in named.values()]
            except RowFaultError as fault:
                file.faults.add(number, fault)
                continue
            texts[0].append(one)
            texts[1].append(two)
            tokens.append(token)
            lines.append(number)
            for column, name in zip(names.values(), found, strict=True):
                column.append(name)
        sha256 = source.sha256
    if not tokens:
        file.faults.tell()
        raise DataFileError(f"{path}: no records; expected one labelled pair a record")
    scheme = label_scheme(path, set(tokens), options)
    _note_faults(file.faults, tokens, lines, scheme)
    kept = _kept(path, tokens, scheme, say)
    grades = np.array([scheme.values[token] for token in tokens if token in scheme.values])
    empty = [""] * len(kept)
    taken = {field: _taken(column, kept) for field, column in names.items()}
    category, pair_type = taken.get("category", empty), taken.get("pair_type", empty)
    text_1, text_2 = (_taken(side, kept) for side in texts)
    labels = (grades >= scheme.positive_at).astype(np.int8)
    hashed = [text_1, text_2, category, pair_type]
    for field in ("groups", "ids"):
        # its name keeps the one from the other
        hashed += [[field], taken[field]] if field in taken else []
    return PairSet(
        path=path,
        sha256=sha256,
        text_1=text_1,
        text_2=text_2,
        labels=labels,
        lines=np.frombuffer(lines, dtype=np.int64)[kept],
        category=category,
        subcategory=empty,
        pair_type=pair_type,
        groups=taken.get("groups"),
        ids=taken.get("ids"),
        grades=None if scheme.scale is None else grades,
        scale=scheme.scale,
        words=options.words,
        has_speakers=False,
        mapped_sha256=_mapped_hash(options, sha256, hashed, grades, scheme),
    )


def load_mapped_texts(
    path: Path, options: DataOptions, remedy: str, say: Callable[[str], None]
) -> list[tuple[str, str]]:
    """The two texts of each record; it needs no label.

    Raises:
        DataFileError: As `load_mapped_pairs`.
        PipelineError: As `load_mapped_pairs`.
    """
    file = _File(path, options, remedy, say, labelled=False)
    pairs: list[tuple[str, str]] = []
    with opened(path, remedy) as source:
        for number, row in file.rows(source):
            try:
                pairs.append(file.texts(row))
            except RowFaultError as fault:
                file.faults.add(number, fault)
    file.faults.tell()
    if not pairs:
        raise DataFileError(f"{path}: no records; expected one pair a record")
    return pairs


class _File:
    """One file: its format, its columns, and its rows."""

    def __init__(
        self, path: Path, options: DataOptions, remedy: str, say: Callable[[str], None], *, labelled: bool = True
    ) -> None:
        self.faults = Faults(path)
        self._raw = raw_file(path, options, remedy)
        there = self._raw.columns
        if self._raw.dialect is not None:
            say(f"{path.name}: read as a table, {self._raw.dialect}")
        given = options.columns if labelled else {k: v for k, v in options.columns.items() if k.startswith("text_")}
        self.columns: Columns = find_columns(path, there, given, options.slices if labelled else (), labelled=labelled)
        if unused := self.columns.unused(there):
            shown = ", ".join(map(quote, unused[:_MOST_NAMED]))
            say(f"{path.name}: columns that are not used: {shown}{' and more' if unused[_MOST_NAMED:] else ''}")

    @property
    def named(self) -> dict[str, tuple[str, _Reader]]:
        """By field of a PairSet the column that names something of each pair, and how a name is read."""
        columns = self.columns
        found: dict[str, tuple[str, _Reader]] = {
            field: (column, _slice_name)
            for field, column in zip(("category", "pair_type"), columns.slices, strict=False)
        }
        if columns.group is not None:
            found["groups"] = columns.group, _group_name
        if columns.id is not None:
            found["ids"] = columns.id, _name
        return found

    def rows(self, source: Source) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Each record with its number; a faulty one is noted and left out."""
        return self._raw.rows(source, self.faults, self.columns.read)

    def texts(self, row: Mapping[str, Any]) -> tuple[str, str]:
        """Both texts of a record.

        Raises:
            RowFaultError: One is missing, empty or no text.
        """
        one, two = _value(row, self.columns.text_1), _value(row, self.columns.text_2)
        for name, text in ((self.columns.text_1, one), (self.columns.text_2, two)):
            if fault := text_fault(text):
                raise RowFaultError(f": {quote(name)} {fault}")
        return one, two

    def label(self, row: Mapping[str, Any]) -> str:
        """The label of a record, see `label_token`."""
        token = label_token(_value(row, self.columns.label))
        dialect = self._raw.dialect
        return with_decimal_point(token) if dialect is not None and dialect.delimiter == ";" else token


def text_fault(text: object) -> str:
    """What is wrong with one side of a pair, empty when nothing is."""
    if not isinstance(text, str):
        return f"is {quote(json.dumps(text, ensure_ascii=False, default=str))}; text is expected"
    if text.isascii() and text[:1].isalnum():
        return ""
    if not any(c.isprintable() and not c.isspace() for c in text):
        return f"is {quote(text)!r}; words are expected"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "holds half of a surrogate pair; the text is damaged"
    return ""


def _value(row: Mapping[str, Any], column: str | None) -> Any:  # noqa: ANN401 - any value of a file
    try:
        return row[column]  # type: ignore[index]
    except KeyError:
        raise RowFaultError(f": {quote(str(column))!r} missing") from None


def _name(row: Mapping[str, Any], column: str) -> str:
    value = _value(row, column)
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)


def _slice_name(row: Mapping[str, Any], column: str) -> str:
    return sys.intern(_name(row, column) or "none")


def _group_name(row: Mapping[str, Any], column: str) -> str:
    name = _name(row, column)
    if not name:
        raise RowFaultError(f": {quote(column)} is empty; each pair needs a group, or leave group out of --columns")
    return sys.intern(name)


def _note_faults(faults: Faults, tokens: list[str], lines: array[int], scheme: LabelScheme) -> None:
    if scheme.faults:
        for token, number in zip(tokens, lines, strict=True):
            if token in scheme.faults:
                faults.add(number, scheme.faults[token])
    faults.tell()


def _kept(path: Path, tokens: list[str], scheme: LabelScheme, say: Callable[[str], None]) -> NDArray[np.intp]:
    """The places of the pairs that have a label; told are those that have none."""
    kept = np.flatnonzero(np.fromiter((token in scheme.values for token in tokens), dtype=np.bool_, count=len(tokens)))
    if dropped := len(tokens) - len(kept):
        counts = Counter(token for token in tokens if token not in scheme.values)
        which = ", ".join(f"{n} {quote(token)!r}" if token else f"{n} empty" for token, n in sorted(counts.items()))
        say(f"{path.name}: {dropped} of {len(tokens)} pairs left out by their label: {which}")
    if not len(kept):
        raise DataFileError(f"{path}: no pair has a label; see --label-map")
    return kept


def _taken(column: list[str], kept: NDArray[np.intp]) -> list[str]:
    return column if len(kept) == len(column) else [column[place] for place in kept.tolist()]


def _mapped_hash(
    options: DataOptions, sha256: str, columns: list[list[str]], grades: NDArray[np.float64], scheme: LabelScheme
) -> str:
    """Hash of the file and of everything that was made of it."""
    digest = hashlib.sha256(f"{sha256} {options.words!r} {scheme.scale!r}".encode())
    for column in columns:
        for start in range(0, len(column), _HASHED_AT_ONCE):
            values = "\x00".join([*column[start : start + _HASHED_AT_ONCE], ""])
            digest.update(values.encode("utf-8", "surrogatepass"))
    digest.update(grades.tobytes())
    return digest.hexdigest()
