"""What a scheduler is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

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
        reason: Why it failed, in one line; empty where it did not.
    """

    name: str
    value: ValueT | None = None
    reason: str = ""


class Scheduler(Protocol):
    """Runs tasks."""

    def run(self, tasks: Iterable[Task[ValueT]]) -> Iterator[Outcome[ValueT]]:
        """Run tasks; each is told as it ends, whether it failed or not.

        A caller that stops listening starts no further task.

        Args:
            tasks: In the order in which they start; each is asked for when it can start.
        """
        ...


def outcome_of(task: Task[ValueT]) -> Outcome[ValueT]:
    """Run one task here; whatever it raises, but an interruption, is its reason."""
    try:
        return Outcome(task.name, task.work())
    except PipelineError as error:
        return Outcome(task.name, reason=first_line(error))
    except Exception as error:  # noqa: BLE001 - a task that fails must not end the others
        what = "out of memory" if is_out_of_memory(error) else f"unexpected {type(error).__name__}: {first_line(error)}"
        return Outcome(task.name, reason=what)
