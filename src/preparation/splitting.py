"""One file divided into train, validation and test so that no text stands in two of them."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from ..core.errors import DataFileError, PipelineError, UserInputError
from ..core.formatting import count as counted
from ..core.formatting import percent
from ..data.columns import find_columns
from ..data.components import connected
from ..data.formats.faults import Faults, RowFaultError, quote
from ..data.formats.recognise import has_data_ending
from ..data.formats.source import GZIP_ENDING, opened
from ..data.formats.table import QUOTE
from ..data.labels import MISSING, finite_number, label_token
from ..data.mapped_pairs import text_fault
from ..data.normalisation import hash_strings, mix, normalise
from ..data.raw_file import raw_file
from ..storage.files import atomic_file
from ..tables.table import table
from .new_files import refuse_to_replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ..data.columns import Columns
    from ..data.formats.table import Dialect
    from ..data.options import DataOptions
    from ..data.raw_file import RawFile
    from ..tables.table import Table

# the names that --data-dir finds
PARTS = ("train", "validation", "test")
SHARES = (80.0, 10.0, 10.0)
SIDES = ("text_1", "text_2")
_WHOLE = 100
_MOST_LABELS, _BINS = 10, 5  # grades beyond so many different ones are put into bins
_SHOWN_LABELS = 4
_LEAST = 0.5  # of the pairs that a part should have
_TABLE_ENDINGS = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class Part:
    """One file that was written."""

    path: Path
    n: int  # pairs
    groups: int  # components, or values of the column that holds pairs together
    by_label: Mapping[str, int]  # pairs of each label, or bin of grades


@dataclass(frozen=True, eq=False)
class _Pairs:
    """What decides where the N pairs of a file go."""

    sha256: str
    texts: list[str]  # the U distinct normalised texts
    sides: NDArray[np.int32]  # (2, N), which text each side is
    labels: NDArray[np.int32]  # (N,), place of its label in `names`
    names: list[str]
    groups: NDArray[np.intp]  # (N,), group of each pair, counted from 0


def parse_shares(text: str) -> tuple[float, ...]:
    """`80,10,10` as three shares that sum to 1.

    Raises:
        UserInputError: They are no three numbers from 0 on that sum to 100, or nothing goes to train or test.
    """
    try:
        shares = [float(part) for part in text.split(",")]
    except ValueError:
        shares = []
    valid = len(shares) == len(PARTS) and all(math.isfinite(share) and share >= 0 for share in shares)
    if not valid or not math.isclose(sum(shares), _WHOLE) or not (shares[0] and shares[-1]):
        raise UserInputError(
            f"--shares {quote(text)}: three numbers that sum to 100 are expected, of {', '.join(PARTS)}, as in "
            "--shares 80,10,10; that of validation may be 0"
        )
    return tuple(share / _WHOLE for share in shares)


def split_file(
    path: Path,
    options: DataOptions,
    folder: Path,
    *,
    shares: Sequence[float],
    group: str | None,
    seed: int,
    force: bool = False,
) -> list[Part]:
    """Divide a file of labelled pairs and write the parts; none where the file cannot be read to its end.

    Pairs that share a text stay together, or with `group` those of one value. As far as that allows, each part has its
    share of every label. Records keep all their columns; a table stays a table, all else becomes JSON Lines.

    Args:
        path: The file.
        options: Its columns and how it is written, as far as that is given.
        folder: Where the parts go; other data files must not lie there.
        shares: Of train, validation and test; they sum to 1. A part whose share is 0 is not written.
        group: A column whose values hold pairs together; text_1 or text_2 for that side's text. None takes both sides.
        seed: Orders groups of one size.
        force: Whether parts that are there are replaced.

    Raises:
        DataFileError: The file cannot be read, or holds faulty records.
        UserInputError: Groups are too large for the shares, or something stands in the way.
        PipelineError: The file changed meanwhile, or a part cannot be written.
    """
    file = raw_file(path, options, "name the file of labelled pairs")
    targets = [folder / f"{name}{_ending(file)}" for name, share in zip(PARTS, shares, strict=True) if share]
    _refuse_in_the_way(folder, targets, force=force)
    pairs = _read_pairs(file, options, group)
    wanted = [share for share in shares if share]
    part = assign(pairs.groups, pairs.labels, wanted, _keys(pairs, seed))
    _refuse_coarse(path, part, pairs.groups, wanted, group)
    _write(file, pairs.sha256, targets, part)
    return [_part(target, pairs, part == place) for place, target in enumerate(targets)]


def split_table(parts: Sequence[Part], group: str | None) -> Table:
    """Pairs, groups and labels of each part.

    Args:
        parts: What was written.
        group: What holds pairs together, as `split_file` takes it.
    """
    total = sum(part.n for part in parts)
    labels = list(dict.fromkeys(label for part in parts for label in part.by_label))
    shown = sorted(labels)[:_SHOWN_LABELS] if len(labels) <= _SHOWN_LABELS else []
    rows = [
        [
            part.path.name,
            counted(part.n),
            percent(part.n / total),
            counted(part.groups),
            *(percent(part.by_label.get(label, 0) / part.n) for label in shown),
        ]
        for part in parts
    ]
    groups, what = ("components", "share a text") if group is None else ("groups", f"have the same {group}")
    columns = ["file", "pairs", "of all", groups, *(f"label {label}" for label in shown)]
    return table(f"Pairs that {what} stay together", columns, rows)


# --- reading --------------------------------------------------------------------------------------------


def _read_pairs(file: RawFile, options: DataOptions, group: str | None) -> _Pairs:
    columns = find_columns(file.path, file.columns, options.columns)
    side, held = _side_and_column(file, columns, group)
    ids: defaultdict[str, int] = defaultdict(count().__next__)
    texts: list[tuple[int, int]] = []
    tokens: list[str] = []
    values: list[str] = []
    faults = Faults(file.path)
    with opened(file.path, "") as source:
        for number, row in file.rows(source, faults):
            try:
                one, two = (_text(row, name) for name in (columns.text_1, columns.text_2))
                tokens.append(label_token(_value(row, str(columns.label))))
            except RowFaultError as fault:
                faults.add(number, fault)
                continue
            texts.append((ids[normalise(one, has_speaker=False)], ids[normalise(two, has_speaker=False)]))
            if held is not None:
                values.append(_group_value(row.get(held), number))
        sha256 = source.sha256
    faults.tell()
    if not tokens:
        raise DataFileError(f"{file.path}: no records; expected one labelled pair a record")
    sides = np.array(texts, dtype=np.int32).T
    found: NDArray[Any] = connected(*sides) if group is None else np.array(values) if side is None else sides[side]
    labels, names = _strata(tokens)
    return _Pairs(sha256, list(ids), sides, labels, names, np.unique(found, return_inverse=True)[1].ravel())


def _side_and_column(file: RawFile, columns: Columns, group: str | None) -> tuple[int | None, str | None]:
    """The side whose text holds pairs together, or the column whose value does; neither where both texts do."""
    sides = (columns.text_1, columns.text_2)
    if group is None or group in sides:
        return (None if group is None else sides.index(group)), None
    if group in file.columns:
        return None, group
    if group in SIDES:
        return SIDES.index(group), None
    there = ", ".join(map(quote, file.columns))
    raise UserInputError(f"--group {quote(group)}: {file.path} has no such column; its columns are {there}")


def _value(row: Mapping[str, Any], column: str) -> Any:  # noqa: ANN401 - any value of a file
    try:
        return row[column]
    except KeyError:
        raise RowFaultError(f": {quote(column)!r} missing") from None


def _text(row: Mapping[str, Any], column: str) -> str:
    text = _value(row, column)
    if fault := text_fault(text):
        raise RowFaultError(f": {quote(column)} {fault}")
    return str(text)


def _group_value(value: object, number: int) -> str:
    """A pair without a value is a group of its own."""
    text = "" if value is None else str(value).strip()
    return f"={text}" if text else f"row {number}"


def _strata(tokens: Sequence[str]) -> tuple[NDArray[np.int32], list[str]]:
    """The label of each pair as a place among their names: each its own, or bins of as many grades."""
    names = sorted(set(tokens))
    grades = {token: grade for token in names if token not in MISSING and (grade := finite_number(token)) is not None}
    binned = len(grades) > _MOST_LABELS and len(grades) == len(set(names) - MISSING)
    called = _bins([grades[token] for token in tokens if token in grades], grades) if binned else {}
    of_token = {token: called.get(token, token or "none") for token in names}
    kinds = list(dict.fromkeys(of_token.values()))
    place = {kind: number for number, kind in enumerate(kinds)}
    return np.array([place[of_token[token]] for token in tokens], dtype=np.int32), kinds


def _bins(values: list[float], grades: Mapping[str, float]) -> dict[str, str]:
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return {token: f"bin {int(np.searchsorted(edges, grade)) + 1}" for token, grade in grades.items()}


# --- which pair goes where ------------------------------------------------------------------------------


def _keys(pairs: _Pairs, seed: int) -> NDArray[np.uint64]:
    """Random key of each pair, shape (N,), which the order of the rows does not change."""
    keys = hash_strings(pairs.texts)
    keys_1, keys_2 = mix(keys[pairs.sides[0]]), keys[pairs.sides[1]]
    return mix(mix(keys_1 + keys_2) ^ np.uint64(seed))


def assign(
    group: NDArray[np.intp], label: NDArray[np.int32], shares: Sequence[float], key: NDArray[np.uint64]
) -> NDArray[np.intp]:
    """Part of each pair, shape (N,), as a place in the shares: whole groups, each label as its share asks.

    The largest group comes first. Each goes to the part that lacks most of what it has, among those with room for it.

    Args:
        group: Group of each pair, shape (N,), counted from 0.
        label: Label of each pair, shape (N,), counted from 0.
        shares: Of the parts, above 0; they sum to 1.
        key: Of each pair, shape (N,); the least one of a group orders groups of one size.
    """
    n_groups, n_labels = int(group.max()) + 1, int(label.max()) + 1
    cells, amounts = np.unique(group * n_labels + label, return_counts=True)
    held: list[list[tuple[int, int]]] = [[] for _ in range(n_groups)]
    for cell, amount in zip(cells.tolist(), amounts.tolist(), strict=True):
        held[cell // n_labels].append((cell % n_labels, amount))
    least = np.full(n_groups, np.iinfo(np.uint64).max)
    np.minimum.at(least, group, key)
    sizes = np.bincount(group)
    room = [share * len(group) for share in shares]
    wanted = [[share * total for total in np.bincount(label).tolist()] for share in shares]
    lacking = [row.copy() for row in wanted]
    part = np.zeros(n_groups, dtype=np.intp)
    for place in np.lexsort((least, -sizes)).tolist():
        size = sum(amount for _, amount in held[place])
        fitting = [one for one in range(len(shares)) if size <= room[one] + 0.5]
        if fitting:
            best = max(
                fitting, key=lambda one: sum(n * lacking[one][kind] / wanted[one][kind] for kind, n in held[place])
            )
        else:
            best = max(range(len(shares)), key=room.__getitem__)
        part[place] = best
        room[best] -= size
        for kind, amount in held[place]:
            lacking[best][kind] -= amount
    return part[group]


def _refuse_coarse(
    path: Path, part: NDArray[np.intp], groups: NDArray[np.intp], shares: Sequence[float], group: str | None
) -> None:
    """Refuse groups that are too large for the shares."""
    sizes = np.bincount(part, minlength=len(shares)) / len(part)
    if all(size >= _LEAST * share for size, share in zip(sizes, shares, strict=True)):
        return
    if len(part) * min(shares) < 1:
        raise UserInputError(
            f"{path}: {len(part)} pairs are too few for these shares; give more pairs, or other --shares"
        )
    largest = int(np.bincount(groups).max())
    what = "shared texts join" if group is None else f"one value of {quote(group)} holds"
    remedy = (
        "--group text_1 keeps pairs of one text_1 together and lets texts of the other side repeat in other parts"
        if group is None
        else "choose another column, or other --shares"
    )
    raise UserInputError(
        f"{path}: {what} {largest:,} of {len(part):,} pairs ({percent(largest / len(part))}), so that the shares "
        f"cannot be had; {remedy}"
    )


# --- writing --------------------------------------------------------------------------------------------


def _ending(file: RawFile) -> str:
    if file.dialect is None:
        return ".jsonl"
    path = file.path.with_suffix("") if file.path.suffix.lower() == GZIP_ENDING else file.path
    return path.suffix if path.suffix in _TABLE_ENDINGS else ".csv"


def _refuse_in_the_way(folder: Path, targets: Sequence[Path], *, force: bool) -> None:
    """Refuse to replace a part that is there, and a folder in which --data-dir would find other files too."""
    for target in targets:
        refuse_to_replace(target, force=force)
    names = {path.name for path in targets}
    try:
        others = sorted(path.name for path in folder.iterdir() if has_data_ending(path) and path.name not in names)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserInputError(f"--out {folder}: cannot be used: {error.strerror}; choose another folder") from None
    if others:
        raise UserInputError(
            f"--out {folder}: holds other data files, such as {quote(others[0])}; choose another folder"
        )


def _write(file: RawFile, sha256: str, targets: Sequence[Path], part: NDArray[np.intp]) -> None:
    faults = Faults(file.path)
    with ExitStack() as stack:
        files = [stack.enter_context(atomic_file(target)) for target in targets]
        writers = [_writer(one, file) for one in files]
        with opened(file.path, "") as source:
            for place, (_, row) in zip(part.tolist(), file.rows(source, faults), strict=False):
                writers[place](row)
            if source.sha256 != sha256:
                raise PipelineError(f"{file.path}: changed while it was read; try again")


def _writer(file: IO[bytes], of: RawFile) -> Callable[[Mapping[str, Any]], object]:
    """A function that writes one record."""
    if of.dialect is None:
        return lambda row: file.write(_json(row))
    write = _row_writer(file, of.dialect)
    if of.dialect.header:
        write(of.columns)
    return lambda row: write(list(row.values()))


def _row_writer(file: IO[bytes], dialect: Dialect) -> Callable[[Sequence[str]], object]:
    if not dialect.quoted:
        return lambda fields: file.write(dialect.delimiter.join(fields).encode() + b"\n")
    buffer = io.StringIO(newline="")
    # it ends lines with \r\n, and so quotes a field that holds one of these
    writer = csv.writer(buffer, delimiter=dialect.delimiter, quotechar=QUOTE)

    def write(fields: Sequence[str]) -> None:
        writer.writerow(fields)
        file.write(buffer.getvalue().encode())
        buffer.seek(0)
        buffer.truncate()

    return write


def _json(row: Mapping[str, Any]) -> bytes:
    plain = {name: None if value != value else value for name, value in row.items()}  # noqa: PLR0124 - not a number
    try:
        return json.dumps(plain, ensure_ascii=False, default=str).encode() + b"\n"
    except UnicodeEncodeError:
        # half of a surrogate pair, in a column that is not read
        return json.dumps(plain, default=str).encode() + b"\n"


def _part(path: Path, pairs: _Pairs, chosen: NDArray[np.bool_]) -> Part:
    numbers = np.bincount(pairs.labels[chosen], minlength=len(pairs.names)).tolist()
    by_label = {name: number for name, number in zip(pairs.names, numbers, strict=True) if number}
    return Part(path, int(chosen.sum()), len(np.unique(pairs.groups[chosen])), by_label)
