"""Read the data files of the dating profile into validated pairs: fields, labels, and the speaker of each text.

All faults of a file are reported at once, each with its line. Files of other labelled pairs are read by
`data/mapped_pairs.py`. Which splits there are is `Split` in `models.py`.
"""

from __future__ import annotations

import difflib
import json
import logging
import sys
from array import array
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from .core.errors import DataFileError
from .data.formats.faults import Faults, RowFaultError, quote
from .data.formats.jsonl import read_jsonl
from .data.formats.recognise import Format, head_of, recognise
from .data.formats.source import opened
from .data.profiles import PAIR_TYPES, SPEAKERS
from .models import DataFile, DatingPair, PairSet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

NAMES_COMPARED = 100
TYPES_NAMED = 5
_DATA_FOLDER = "--data-dir names the folder with the data"
_TEXT_FIELDS = ("text_1", "text_2", "category", "subcategory", "pair_type")
_FIELDS = frozenset((*_TEXT_FIELDS, "label"))


def spoken_text(text: str) -> str:
    """What is said after the speaker prefix, without surrounding space."""
    return text.partition(":")[2].strip()


def load_pairs(path: Path) -> PairSet:
    """Read and check a data file.

    Args:
        path: JSON Lines in UTF-8 (a byte-order mark is dropped), one record a line; blank lines are skipped.

    Raises:
        DataFileError: The file is missing or holds invalid records; the message lists the first 20 with
            their lines and says how many there are.
        PipelineError: The file changed while it was read.
    """
    columns: dict[str, list[str]] = {name: [] for name in _TEXT_FIELDS}
    labels: list[int] = []
    lines = array("q")

    def add(number: int, record: dict[str, Any]) -> None:
        pair = _pair(record)
        for name in ("text_1", "text_2"):
            columns[name].append(getattr(pair, name))
        for name in ("category", "subcategory", "pair_type"):
            columns[name].append(sys.intern(getattr(pair, name)))
        labels.append(pair.label)
        lines.append(number)

    sha256 = _read(path, _DATA_FOLDER, add)
    unknown = sorted(set(columns["pair_type"]) - PAIR_TYPES)
    for name in unknown[:TYPES_NAMED]:
        log.warning("%s: pair_type %s is not one of the known types; kept", path, quote(name))
    if len(unknown) > TYPES_NAMED:
        log.warning("%s: %d more of another pair_type; kept", path, len(unknown) - TYPES_NAMED)
    return PairSet(
        path=path,
        sha256=sha256,
        labels=np.asarray(labels, dtype=np.int8),
        lines=np.asarray(lines, dtype=np.int64),
        text_1=columns["text_1"],
        text_2=columns["text_2"],
        category=columns["category"],
        subcategory=columns["subcategory"],
        pair_type=columns["pair_type"],
    )


def load_texts(path: Path) -> list[tuple[str, str]]:
    """Read the two texts of each record of a JSON Lines file; its other fields may be missing.

    Raises:
        DataFileError: As `load_pairs`.
        PipelineError: As `load_pairs`.
    """
    pairs: list[tuple[str, str]] = []

    def add(_: int, record: dict[str, Any]) -> None:
        _check_fields(record, frozenset({"text_1", "text_2"}))
        _check_texts(record)
        pairs.append((record["text_1"], record["text_2"]))

    _read(path, "--input names a file of pairs", add)
    return pairs


def _read(path: Path, remedy: str, accept: Callable[[int, dict[str, Any]], None]) -> str:
    """Hand each record with its line to `accept`, which raises RowFaultError; returns the file's SHA-256."""
    faults, n = Faults(path), 0
    with opened(path, remedy, "JSON Lines in a file are") as source:
        recognise(path, head_of(path, remedy), Format.JSON_LINES)
        for number, record in read_jsonl(source, faults):
            try:
                accept(number, record)
            except RowFaultError as fault:
                faults.add(number, fault)
            n += 1
        sha256 = source.sha256
    faults.tell()
    if not n:
        raise DataFileError(f"{path}: no records; expected one JSON object a line")
    return sha256


def _pair(record: dict[str, Any]) -> DatingPair:
    if record.keys() != _FIELDS:
        _check_fields(record, _FIELDS)
        unknown = sorted(record.keys() - _FIELDS)
        raise RowFaultError(f": unknown field {quote(unknown[0])!r}; a record has {', '.join(sorted(_FIELDS))}")
    try:
        pair = DatingPair.model_validate(record)
    except ValidationError as error:
        raise RowFaultError(f": {_field_fault(error)}") from None
    _check_texts(record)
    return pair


def _check_fields(record: dict[str, Any], needed: frozenset[str]) -> None:
    missing, unknown = sorted(needed - record.keys()), sorted(record.keys() - _FIELDS)
    if missing:
        some = unknown[:NAMES_COMPARED]
        near = [(name, m) for name in missing for m in difflib.get_close_matches(name, some, n=1, cutoff=0.5)]
        expected = f"; a record has {', '.join(sorted(needed))}"
        hint = "".join(f"; {quote(found)!r} should be {name!r}?" for name, found in near)
        raise RowFaultError(f": {', '.join(map(repr, missing))} missing{hint or expected}")


def _field_fault(error: ValidationError) -> str:
    first = error.errors()[0]
    name, given = str(first["loc"][0]), quote(json.dumps(first["input"], ensure_ascii=False, default=str))
    if name == "label":
        return f"label is {given}; the integer 0 or 1 is expected"
    return f"{name} is {given}; non-empty text is expected"


def _check_texts(record: dict[str, Any]) -> None:
    for name in ("text_1", "text_2"):
        if fault := check_text(record[name]):
            raise RowFaultError(f": {name} {fault}")


def check_text(text: object) -> str:
    """What is wrong with one side of a pair, empty when nothing is."""
    if not isinstance(text, str):
        return f"is {quote(json.dumps(text, ensure_ascii=False, default=str))}; text is expected"
    if text.partition(":")[0] not in SPEAKERS:
        return f"is {quote(text)!r}; it must start with 'boy:' or 'girl:'"
    if not any(c.isprintable() and not c.isspace() for c in spoken_text(text)):
        return f"is {quote(text)!r}; words are expected after the speaker"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "holds half of a surrogate pair; the text is damaged"
    return ""


def data_file(pairs: PairSet) -> DataFile:
    """Name, hash and counts of a data file, for a result."""
    return DataFile(
        name=pairs.path.name,
        sha256=pairs.sha256,
        n=len(pairs),
        n_compatible=int(pairs.labels.sum(dtype=int)),
        words=pairs.words,
        scale=pairs.scale,
    )
