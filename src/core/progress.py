"""Messages and progress bars on stderr; stdout is for results alone."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from .errors import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class PatientConsole(Console):
    """A console whose reader may leave: what is said from then on goes nowhere, and the work to its own end."""

    def on_broken_pipe(self) -> None:
        """Say nothing more; the library would end the program."""
        self.quiet = True
        # also what the stream could not write yet, and would try again at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


class Reporter:
    """What a stage may tell its user while it works."""

    def __init__(self, verbosity: int = 0) -> None:
        """Set up for -q (-1), nothing (0) or -v (1)."""
        self.console = PatientConsole(stderr=True, quiet=verbosity < 0, soft_wrap=True, highlight=False, emoji=False)
        self.verbosity = verbosity

    def say(self, message: str) -> None:
        """One line of plain text; what cannot be shown is escaped."""
        self.console.print(printable(message), markup=False)

    @contextmanager
    def task(self, description: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar with the time left; the yielded function is called with how much was done since the last call."""
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left", markup=False),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console, disable=self.verbosity < 0) as progress:
            task = progress.add_task(description, total=total)
            yield lambda done: progress.advance(task, done)


class _Plain(logging.Formatter):
    """Messages of one line, in which a file's name or its data cannot write to the terminal as it likes."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        return printable(super().formatMessage(record))


def set_up_logging(verbosity: int) -> None:
    """Send log records of this package to stderr; libraries only speak up with -v, and with -q only errors pass."""
    handler = RichHandler(
        console=PatientConsole(stderr=True, soft_wrap=True), show_time=False, show_path=False, rich_tracebacks=False
    )
    handler.setFormatter(_Plain("%(message)s"))
    # a library's warning is a line that is not ours
    logging.captureWarnings(capture=True)
    logging.basicConfig(level=logging.WARNING if verbosity > 0 else logging.ERROR, handlers=[handler], force=True)
    own_level = logging.WARNING if verbosity == 0 else logging.DEBUG if verbosity > 0 else logging.ERROR
    logging.getLogger(__name__.partition(".")[0]).setLevel(own_level)
