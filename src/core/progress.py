"""Messages and progress bars on stderr; stdout is for results only."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.logging import RichHandler

from .errors import message_line, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEAST_WIDTH = 40


class PatientConsole(Console):
    """Console that survives a closed pipe: later output is dropped and the work goes on.

    It is at least 40 columns wide, because in fewer a table has no room for words.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the library's own types
        super().__init__(**options)
        if self.width < LEAST_WIDTH:  # noqa: PLR1730 - a width that is set no longer follows the terminal
            self.width = LEAST_WIDTH

    def on_broken_pipe(self) -> None:
        """Drop all further output; the library would end the program."""
        self.quiet = True
        # the stream would try to write its buffer again when the process ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


class Reporter:
    """Messages and progress bars of a stage."""

    def __init__(self, verbosity: int = 0) -> None:
        """Set up for -q (-1), nothing (0) or -v (1)."""
        self.console = PatientConsole(stderr=True, quiet=verbosity < 0, soft_wrap=True, highlight=False, emoji=False)
        self.verbosity = verbosity

    def __reduce__(self) -> tuple[type[Reporter], tuple[int]]:
        """A worker's is silent; only the process that a user started speaks."""
        return Reporter, (-1,)

    def say(self, message: str) -> None:
        """Print one line of plain text; control characters are escaped."""
        self.console.print(printable(message), markup=False)

    @contextmanager
    def task(self, description: str, total: int) -> Iterator[Callable[[int], None]]:
        """A progress bar with the time left; call the yielded function with the work done since the last call."""
        from rich import progress as rich  # noqa: PLC0415 - only where there is work to show; not for `status`

        columns = (
            rich.TextColumn("{task.description}", markup=False),
            rich.BarColumn(),
            rich.MofNCompleteColumn(),
            rich.TimeElapsedColumn(),
            rich.TextColumn("left", markup=False),
            rich.TimeRemainingColumn(),
        )
        with rich.Progress(*columns, console=self.console, disable=self.verbosity < 0) as progress:
            task = progress.add_task(description, total=total)
            yield lambda done: progress.advance(task, done)


class _Plain(logging.Formatter):
    """Log messages of one line with control characters escaped, so that a file name cannot control the terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        return message_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - the library's name and type
        return "\n".join(map(message_line, super().formatException(ei).splitlines()))


def set_up_logging(verbosity: int) -> None:
    """Send log records of this package to stderr; libraries only speak up with -v, and with -q only errors pass."""
    handler = RichHandler(
        console=PatientConsole(stderr=True, soft_wrap=True), show_time=False, show_path=False, rich_tracebacks=False
    )
    handler.setFormatter(_Plain("%(message)s"))
    # warnings of libraries become log records and are filtered like them
    logging.captureWarnings(capture=True)
    logging.basicConfig(level=logging.WARNING if verbosity > 0 else logging.ERROR, handlers=[handler], force=True)
    own_level = logging.WARNING if verbosity == 0 else logging.DEBUG if verbosity > 0 else logging.ERROR
    logging.getLogger(__name__.partition(".")[0]).setLevel(own_level)
