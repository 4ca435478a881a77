"""The errors that a user of the pipeline can meet; `cli.py` turns them into one line and an exit code, once."""

from __future__ import annotations

from typing import ClassVar

_NO_MEMORY = ("out of memory", "not enough memory", "cannot allocate memory", "can't allocate memory", "failed to map")


# what to do where a file cannot be written
MAKE_ROOM = "make room there or mend its permissions, and run again"
_LIBRARY_LIMIT = 200


def printable(text: str, limit: int | None = None) -> str:
    """Text as a terminal may show it: control characters escaped, cut with an ellipsis after `limit` characters."""
    head = text if limit is None else text[: limit + 1]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in head)
    return shown if limit is None or len(shown) <= limit else shown[: limit - 1] + "…"


def first_line(error: BaseException) -> str:
    """What another package's error says, without the lines that are for programmers, and cut."""
    return printable(str(error).strip().partition("\n")[0], _LIBRARY_LIMIT) or type(error).__name__


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, of whatever package, says that memory ran out."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(sign in text for sign in _NO_MEMORY)


class PipelineError(Exception):
    """The run could not finish: a fault of the machine, the disk, a lock, or a damaged artifact.

    Each argument is one line of the message.
    """

    exit_code: ClassVar[int] = 1

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


class UserInputError(PipelineError):
    """What the user gave is wrong: an option, a path, a combination of them."""

    exit_code: ClassVar[int] = 2


class DataFileError(UserInputError):
    """A data file holds something that is not a valid record; the message has file and line."""


class MissingStageError(UserInputError):
    """An earlier stage has not been run, or its result is stale; the message names the command to run."""


class ArtifactError(PipelineError):
    """A file that the pipeline wrote is damaged or does not belong to this run."""


class ModelError(PipelineError):
    """A model could not be loaded, or is not the one that was trained."""


class InUseError(PipelineError):
    """Another process writes below the root; the message says which."""


class GateError(PipelineError):
    """Everything finished, but a quality gate says no."""

    exit_code: ClassVar[int] = 3
