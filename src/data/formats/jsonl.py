"""JSON Lines: one JSON object a line."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any

from .faults import RowFaultError, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .faults import Faults
    from .source import Source

_MARK = "\ufeff"


def read_jsonl(source: Source, faults: Faults) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each record with its line; blank lines are skipped, a faulty line is noted and left out.

    Args:
        source: UTF-8; a byte-order mark is dropped.
        faults: Where faults are noted.
    """
    for number, raw in source.lines():
        line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        if number == 1 and b"\r" in line.rstrip(b"\r\n"):
            faults.stop(1, "lines end in a bare carriage return; convert the line ends to \\n")
        if line.strip():
            try:
                record = _parse(line)
            except RowFaultError as fault:
                faults.add(number, fault)
            else:
                yield number, record


def decoded(raw: bytes) -> str:
    """One line as text.

    Raises:
        RowFaultError: It is not UTF-8, or holds a NUL byte.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if raw[error.start : error.start + 2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise RowFaultError(
                ": a byte-order mark of UTF-16; were two files joined? Convert each to UTF-8 first"
            ) from None
        raise RowFaultError(f": not UTF-8 at byte {error.start + 1} of the line; save the file as UTF-8") from None
    if "\x00" in text:
        raise RowFaultError(": holds a NUL byte; the file is damaged or not text")
    return text


def _parse(raw: bytes) -> dict[str, Any]:
    """One line to a JSON object.

    Raises:
        RowFaultError: Always this, whatever is wrong with the line.
    """
    text = decoded(raw)
    try:
        record = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise RowFaultError(f":{error.colno}: {_json_fault(error, text)}") from None
    except RowFaultError:
        raise
    except ValueError:
        raise RowFaultError(": not JSON: a number with too many digits; shorten it") from None
    except RecursionError:
        raise RowFaultError(": nested too deeply; a flat JSON object is expected") from None
    if not isinstance(record, dict):
        raise RowFaultError(f": a JSON object is expected, this is {quote(text.strip())}")
    return record


def no_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object as a dictionary; RowFaultError where a key stands twice."""
    record: dict[str, Any] = {}
    for key, value in pairs:
        if key in record:
            raise RowFaultError(f": the key {quote(key)!r} stands twice; keep one")
        record[key] = value
    return record


# made once, because making it takes half as long as reading a line
_DECODER = json.JSONDecoder(object_pairs_hook=no_duplicate_keys)


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
