"""Read one JSON Lines file into validated pairs: fields, labels, and the speaker that a text begins with.

All faults of a file are reported at once, each with its line. Which splits there are is `Split` in `models.py`.
"""

from __future__ import annotations

import codecs
import difflib
import hashlib
import json
import logging
import stat
import sys
from array import array
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from pydantic import ValidationError

from .core.errors import NAME_LIMIT, DataFileError, PipelineError, printable
from .models import DataFile, DatingPair, PairSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

PAIR_TYPES = frozenset(
    {
        "compatible",
        "incompatible",
        "subtle_mismatch",
        "dealbreaker",
        "complex_compatible",
        "complex_incompatible",
        "llm_judged_compatible",
        "llm_judged_incompatible",
        "curated_realistic",
    }
)
SPEAKERS = ("boy", "girl")
MAX_LINE_BYTES = 1 << 20
MAX_ERRORS_SHOWN = 20
NAMES_COMPARED = 100
TYPES_NAMED = 5
_DATA_FOLDER = "--data-dir names the folder with the data"
_MARK = "\ufeff"
_KNOWN_MAGIC = {
    b"\x1f\x8b": "gzip data; decompress it first",
    b"PK\x03\x04": "a zip archive; unpack it first",
    b"\xff\xfe": "UTF-16; convert it to UTF-8",
    b"\xfe\xff": "UTF-16; convert it to UTF-8",
}


def quote(text: str) -> str:
    """Data as it may be shown in a message: control characters escaped, cut at 80 characters."""
    return printable(text, NAME_LIMIT)


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

    def add(number: int, line: bytes) -> None:
        pair = _pair(_parse(line))
        for name in ("text_1", "text_2"):
            columns[name].append(getattr(pair, name))
        for name in ("category", "subcategory", "pair_type"):
            columns[name].append(sys.intern(getattr(pair, name)))
        labels.append(pair.label)
        lines.append(number)

    sha256 = _LineReader(path, _DATA_FOLDER).read(add)
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
        **columns,
    )


def load_texts(path: Path) -> list[tuple[str, str]]:
    """Read the two texts of each record of a JSON Lines file; its other fields may be missing.

    Raises:
        DataFileError: As `load_pairs`.
        PipelineError: As `load_pairs`.
    """
    pairs: list[tuple[str, str]] = []

    def add(_: int, line: bytes) -> None:
        record = _parse(line)
        _check_fields(record, frozenset({"text_1", "text_2"}))
        _check_texts(record)
        pairs.append((record["text_1"], record["text_2"]))

    _LineReader(path, "--input names a file of pairs").read(add)
    return pairs


_TEXT_FIELDS = ("text_1", "text_2", "category", "subcategory", "pair_type")
_FIELDS = frozenset((*_TEXT_FIELDS, "label"))


class _LineFaultError(ValueError):
    """What is wrong with one line; the text starts with ':COLUMN' where that is known, and a colon."""


class _LineReader:
    """Goes through one file once, in bounded memory a line, and collects what is wrong with it."""

    def __init__(self, path: Path, remedy: str) -> None:
        self.path = path
        self.remedy = remedy  # where there is no such file
        self.errors: list[str] = []
        self.n_errors = 0
        self.n_records = 0

    def read(self, accept: Callable[[int, bytes], None]) -> str:
        """Hand each line with its number to `accept`, which raises _LineFaultError; returns the file's SHA-256."""
        digest = hashlib.sha256()
        for number, raw in self._lines():
            digest.update(raw)
            line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
            if number == 1:
                self._refuse_other_formats(line)
            if line.strip():
                self._hand_over(number, line, accept)
        self._tell()
        return digest.hexdigest()

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        try:
            before = self.path.stat()
            if not stat.S_ISREG(before.st_mode):
                raise DataFileError(f"{self.path}: no regular file; JSON Lines in a file are expected")
            with self.path.open("rb") as file:
                number = 0
                while raw := file.readline(MAX_LINE_BYTES + 1):
                    number += 1
                    if len(raw) > MAX_LINE_BYTES:
                        self._stop(number, f"line longer than {MAX_LINE_BYTES} bytes; one record a line is expected")
                    yield number, raw
            after = self.path.stat()
        except FileNotFoundError:
            raise DataFileError(f"{self.path}: no such file; {self.remedy}") from None
        except OSError as error:
            raise DataFileError(f"{self.path}: cannot be read: {error.strerror}; mend that and run again") from None
        if (before.st_size, before.st_mtime_ns, before.st_ino) != (after.st_size, after.st_mtime_ns, after.st_ino):
            raise PipelineError(f"{self.path}: changed while it was read; try again")

    def _refuse_other_formats(self, line: bytes) -> None:
        for magic, what in _KNOWN_MAGIC.items():
            if line.startswith(magic):
                self._stop(1, f"this is {what}")
        if line.lstrip().startswith(b"["):
            self._stop(1, "this is a JSON array; one JSON object a line is expected")
        if line.lstrip().startswith(b"<"):
            self._stop(1, "this looks like HTML or XML; one JSON object a line is expected")
        if b"\r" in line.rstrip(b"\r\n"):
            self._stop(1, "lines end in a bare carriage return; convert the line ends to \\n")

    def _hand_over(self, number: int, line: bytes, accept: Callable[[int, bytes], None]) -> None:
        try:
            accept(number, line)
            self.n_records += 1
        except _LineFaultError as fault:
            self.n_errors += 1
            if len(self.errors) < MAX_ERRORS_SHOWN:
                self.errors.append(f"{self.path}:{number}{fault}")

    def _tell(self) -> None:
        if self.errors:
            more = self.n_errors - len(self.errors)
            tail = [f"{more} more; {self.n_errors} faulty lines in all"] if more else []
            raise DataFileError(*self.errors, *tail)
        if not self.n_records:
            raise DataFileError(f"{self.path}: no records; expected one JSON object a line")

    def _stop(self, number: int, what: str) -> NoReturn:
        raise DataFileError(f"{self.path}:{number}: {what}")


def _parse(raw: bytes) -> dict[str, Any]:
    """One line to a JSON object.

    Raises:
        _LineFaultError: Always this, whatever is wrong with the line.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if raw[error.start : error.start + 2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise _LineFaultError(
                ": a byte-order mark of UTF-16; were two files joined? Convert each to UTF-8 first"
            ) from None
        raise _LineFaultError(f": not UTF-8 at byte {error.start + 1} of the line; save the file as UTF-8") from None
    if "\x00" in text:
        raise _LineFaultError(": holds a NUL byte; the file is damaged or not text")
    try:
        record = json.loads(text, object_pairs_hook=_no_duplicate_keys)
    except json.JSONDecodeError as error:
        raise _LineFaultError(f":{error.colno}: {_json_fault(error, text)}") from None
    except _LineFaultError:
        raise
    except ValueError:
        raise _LineFaultError(": not JSON: a number with too many digits; shorten it") from None
    except RecursionError:
        raise _LineFaultError(": nested too deeply; a flat JSON object is expected") from None
    if not isinstance(record, dict):
        raise _LineFaultError(f": a JSON object is expected, this is {quote(text.strip())}")
    return record


def _no_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for key, value in pairs:
        if key in record:
            raise _LineFaultError(f": the key {quote(key)!r} stands twice; keep one")
        record[key] = value
    return record


def _json_fault(error: json.JSONDecodeError, text: str) -> str:
    if text.startswith(_MARK, error.pos):
        return "a byte-order mark that does not begin the file; were two files joined? Remove it"
    if error.msg == "Extra data":
        return "extra data after the object; one JSON object a line is expected"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return "the object is not finished; is the line truncated?"
    if error.msg.startswith("Expecting property name") and "'" in text:
        return "not JSON: single quotes; keys and strings stand in double quotes"
    if error.msg.startswith("Invalid control character"):
        return "not JSON: a raw control character in a string, such as a tab; write it as an escape, such as \\t"
    return f"not JSON: {error.msg.lower()}; one JSON object a line is expected"


def _pair(record: dict[str, Any]) -> DatingPair:
    _check_fields(record, _FIELDS)
    unknown = sorted(record.keys() - _FIELDS)
    if unknown:
        raise _LineFaultError(f": unknown field {quote(unknown[0])!r}; a record has {', '.join(sorted(_FIELDS))}")
    try:
        pair = DatingPair.model_validate(record)
    except ValidationError as error:
        raise _LineFaultError(f": {_field_fault(error)}") from None
    _check_texts(record)
    return pair


def _check_fields(record: dict[str, Any], needed: frozenset[str]) -> None:
    missing, unknown = sorted(needed - record.keys()), sorted(record.keys() - _FIELDS)
    if missing:
        some = unknown[:NAMES_COMPARED]
        near = [(name, m) for name in missing for m in difflib.get_close_matches(name, some, n=1, cutoff=0.5)]
        expected = f"; a record has {', '.join(sorted(needed))}"
        hint = "".join(f"; {quote(found)!r} should be {name!r}?" for name, found in near)
        raise _LineFaultError(f": {', '.join(map(repr, missing))} missing{hint or expected}")


def _field_fault(error: ValidationError) -> str:
    first = error.errors()[0]
    name, given = str(first["loc"][0]), quote(json.dumps(first["input"], ensure_ascii=False, default=str))
    if name == "label":
        return f"label is {given}; the integer 0 or 1 is expected"
    return f"{name} is {given}; non-empty text is expected"


def _check_texts(record: dict[str, Any]) -> None:
    for name in ("text_1", "text_2"):
        if fault := check_text(record[name]):
            raise _LineFaultError(f": {name} {fault}")


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
        name=pairs.path.name, sha256=pairs.sha256, n=len(pairs), n_compatible=int(pairs.labels.sum(dtype=int))
    )
