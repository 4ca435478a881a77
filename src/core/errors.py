"""The errors that a user of the pipeline can meet; `commands/group.py` makes one line and an exit code of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO_MEMORY = ("out of memory", "not enough memory", "cannot allocate memory", "can't allocate memory", "failed to map")


# what to do where a file cannot be written
MAKE_ROOM = "make room there or mend its permissions, and run again"
_LIBRARY_LIMIT = 200
LINE_LIMIT = 500
NAME_LIMIT = 80


def printable(text: str, limit: int | None = None) -> str:
    """Text as a terminal may show it: control characters escaped, cut with an ellipsis after `limit` characters."""
    head = text if limit is None else text[: limit + 1]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in head)
    return shown if limit is None or len(shown) <= limit else shown[: limit - 1] + "…"


def message_line(text: str) -> str:
    """A message as one line that a terminal may show, without its middle where it has more than 500 characters.

    A long value stands in the middle. What is wrong and what to do stand at the ends.
    """
    shown = printable(text)
    half = LINE_LIMIT // 2
    return shown if len(shown) <= LINE_LIMIT else f"{shown[: half - 1]}…{shown[-half:]}"


def first_line(error: BaseException) -> str:
    """What another package's error says, without the lines that are for programmers, and cut."""
    return printable(str(error).strip().partition("\n")[0], _LIBRARY_LIMIT) or type(error).__name__


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, of whatever package, says that memory ran out."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(sign in text for sign in _NO_MEMORY)


def memory_is_short(size: int) -> bool:
    """Whether so many bytes cannot be had."""
    try:
        bytearray(size)
    except MemoryError:
        return True
    return False


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


class StageError(PipelineError):
    """A stage's result is missing, stale or damaged.

    Attributes:
        command: What makes the result, as typed after the program's name; empty where it is not known.
        causes: The errors of several stages that this one stands for.
    """

    when: ClassVar[str] = ""  # how to say that the command is to be run

    def __init__(self, *lines: str, command: str = "", causes: Sequence[StageError] = ()) -> None:
        super().__init__(*(lines or [str(cause) for cause in causes]))
        self.command = command
        self.causes = tuple(causes)

    def made_by(self, command: str) -> Self:
        """The error, with the command that makes the result, unless it has one."""
        self.command = self.command or command
        return self


class DataFileError(UserInputError):
    """A data file holds something that is not a valid record; the message has file and line."""


class MissingStageError(StageError, UserInputError):
    """An earlier stage has not been run, or its result is stale."""

    exit_code: ClassVar[int] = 2
    when: ClassVar[str] = "first"


class ArtifactError(StageError):
    """A file that the pipeline wrote is damaged or does not belong to this run."""

    when: ClassVar[str] = "again"


class CheckpointError(ArtifactError):
    """A checkpoint cannot be read, although its hashes match its mark."""


class UnfinishedTrainingError(StageError, UserInputError):
    """Checkpoints of another training stand in the way; the command, where it is known, finishes that training."""

    exit_code: ClassVar[int] = 2
    when: ClassVar[str] = "to finish that training"


class ModelError(PipelineError):
    """A model could not be loaded, or is not the one that was trained."""


class ModelFolderError(ModelError, UserInputError):
    """A model folder holds something that must not be used, or cannot be; none of its weights were used."""

    exit_code: ClassVar[int] = 2


class InUseError(PipelineError):
    """Another process writes below the root; the message says which."""


class GateError(PipelineError):
    """Everything finished, but a quality gate says no."""

    exit_code: ClassVar[int] = 3
