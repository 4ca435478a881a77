"""What is wrong with a data file, collected until all of it is known."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING, NoReturn

from ...core.errors import NAME_LIMIT, DataFileError, printable

if TYPE_CHECKING:
    from pathlib import Path

MAX_ERRORS_SHOWN = 20


def quote(text: str) -> str:
    """Data as it may be shown in a message: control characters escaped, cut at 80 characters."""
    return printable(text, NAME_LIMIT)


class RowFaultError(ValueError):
    """What is wrong with one record; the text starts with ':COLUMN' where that is known, and a colon."""


class Faults:
    """The faults of one file: the first 20 in the order of the file, and their number."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n = 0
        self._first: list[tuple[int, str]] = []

    def add(self, number: int, what: object) -> None:
        """Note a fault.

        Args:
            number: Line or row.
            what: As the text of a RowFaultError.
        """
        self.n += 1
        if len(self._first) < MAX_ERRORS_SHOWN or number < self._first[-1][0]:
            insort(self._first, (number, str(what)))
            del self._first[MAX_ERRORS_SHOWN:]

    def tell(self) -> None:
        """Raise DataFileError with the first faults and how many there are; nothing happens without one."""
        if self._first:
            shown = [f"{self.path}:{number}{what}" for number, what in self._first]
            more = self.n - len(shown)
            raise DataFileError(*shown, *([f"{more} more; {self.n} faulty lines in all"] if more else []))

    def stop(self, number: int, what: str) -> NoReturn:
        """Note a fault after which the file cannot be read on, and tell all faults."""
        self.add(number, f": {what}")
        self.tell()
        raise AssertionError  # a fault was just added
