"""What a scheduler is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from ..core.errors import PipelineError, first_line, is_out_of_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ValueT = TypeVar("ValueT")


@dataclass(frozen=True)
class Needs:
    """What a task occupies while it runs.

    Attributes:
        cpus: Processors.
        gpus: Graphics processors, or shares of one.
    """

    cpus: float = 1
    gpus: float = 0

    @classmethod
    def on(cls, device: str) -> Needs:
        """One processor, and one GPU where the device is `cuda`."""
        return cls(gpus=1 if device == "cuda" else 0)


@dataclass(frozen=True)
class Task(Generic[ValueT]):
    """Work that needs no other task of its list.

    Attributes:
        name: Names it in messages; no two tasks of a list have one name.
        work: Does it; another process may be the one that calls it.
        needs: What it occupies.
    """

    name: str
    work: Callable[[], ValueT]
    needs: Needs = Needs()


@dataclass(frozen=True)
class Outcome(Generic[ValueT]):
    """How a task ended.

    Attributes:
        name: The task's.
        value: What it gave; None where it failed.
        error: Why it failed; None where it did not.
    """

    name: str
    value: ValueT | None = None
    error: Exception | None = None

    @property
    def reason(self) -> str:
        """Why it failed, in one line; empty where it did not."""
        if self.error is None:
            return ""
        if isinstance(self.error, PipelineError):
            return first_line(self.error)
        if is_out_of_memory(self.error):
            return "out of memory"
        return f"unexpected {type(self.error).__name__}: {first_line(self.error)}"


class Scheduler(Protocol):
    """Runs tasks.

    Attributes:
        is_remote: Whether a task runs in another process, which may be on another machine.
    """

    is_remote: ClassVar[bool]

    def run(self, tasks: Iterable[Task[ValueT]]) -> Iterator[Outcome[ValueT]]:
        """Run tasks; each is told as it ends, whether it failed or not.

        Args:
            tasks: In the order in which they start; each is asked for when it can start.

        Raises:
            PipelineError: There is nothing that a task could run on.
        """
        ...


def outcome_of(task: Task[ValueT]) -> Outcome[ValueT]:
    """Run one task here; whatever it raises, but an interruption, is its error."""
    try:
        return Outcome(task.name, task.work())
    except Exception as error:  # noqa: BLE001 - a task that fails must not end the others
        return Outcome(task.name, error=error)
