"""A JSON array of objects, read one object at a time."""

from __future__ import annotations

import codecs
import json
from typing import IO, TYPE_CHECKING, Any

from .faults import RowFaultError, quote
from .jsonl import no_duplicate_keys
from .source import MAX_LINE_BYTES, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .faults import Faults
    from .source import Source

_SPACE = " \t\r\n"


def read_json_array(source: Source, faults: Faults) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each object with its place in the array, from 1.

    Args:
        source: UTF-8; a byte-order mark is dropped.
        faults: Where faults are noted; after one of syntax nothing more is read.
    """
    text = _Window(source, faults)
    decoder = json.JSONDecoder(object_pairs_hook=no_duplicate_keys)
    text.expect("[", 1)
    number = 0
    while text.peek() != "]" or number:
        number += 1
        text.number = number
        found = _object(text, decoder, faults)
        if isinstance(found, dict):
            yield number, found
        following = text.peek()
        if following != ",":
            break
        text.expect(",", number)
    text.expect("]", number)
    if text.peek():
        faults.stop(max(number, 1), "something follows the array; one array of objects is expected")


def _object(text: _Window, decoder: json.JSONDecoder, faults: Faults) -> Any:  # noqa: ANN401 - any JSON value
    try:
        value = text.decode(decoder)
    except RowFaultError as fault:
        # the object ends where the hook left it, which is not known: nothing can be read on
        faults.stop(text.number, str(fault).removeprefix(": "))
    except RecursionError:
        faults.stop(text.number, "nested too deeply; flat JSON objects are expected")
    except ValueError as error:
        faults.stop(text.number, _fault(error))
    if not isinstance(value, dict):
        faults.add(text.number, f": a JSON object is expected, this is {quote(json.dumps(value, ensure_ascii=False))}")
    return value


def _fault(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string"):
            return "the object is not finished, or is larger than 1 MiB; is the file truncated?"
        return f"not JSON: {error.msg.lower()}; an array of objects is expected"
    return "not JSON: a number with too many digits; shorten it"


class _Window:
    """The text of a file from a place on, at least 1 MiB of it while there is as much."""

    def __init__(self, source: Source, faults: Faults) -> None:
        self.number = 1  # of the object that is read, for a message
        self._file: IO[bytes] = source.text()
        self._path = source.path
        self._faults = faults
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._place, self._ended = "", 0, False

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            self._fill()
            while self._place < len(self._text) and self._text[self._place] in _SPACE:
                self._place += 1
            if self._place < len(self._text) or self._ended:
                return self._text[self._place : self._place + 1]

    def expect(self, char: str, number: int) -> None:
        """Go past a character, or stop with a fault where another one stands."""
        found = self.peek()
        if found != char:
            what = f"{found!r} stands where {char!r} is expected; mend it"
            if not found:
                what = f"the file ends where {char!r} is expected; is it truncated?"
            self._faults.stop(max(number, 1), f"not a JSON array: {what}")
        self._place += 1

    def decode(self, decoder: json.JSONDecoder) -> Any:  # noqa: ANN401 - any JSON value
        """The next value; what json raises where there is none."""
        self.peek()
        value, self._place = decoder.raw_decode(self._text, self._place)
        return value

    def _fill(self) -> None:
        if self._ended or len(self._text) - self._place >= MAX_LINE_BYTES:
            return
        parts = [self._text[self._place :]]
        size = len(parts[0])
        while size < 2 * MAX_LINE_BYTES and not self._ended:
            with readable(self._path):
                raw = self._file.read(MAX_LINE_BYTES)
            self._ended = not raw
            try:
                parts.append(self._decoder.decode(raw, final=self._ended))
            except UnicodeDecodeError:
                self._faults.stop(self.number, "not UTF-8 here or further down; save the file as UTF-8")
            size += len(parts[-1])
        self._text, self._place = "".join(parts), 0
