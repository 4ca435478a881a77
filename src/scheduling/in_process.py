"""One task after another, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from .tasks import outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .tasks import Outcome, Task

ValueT = TypeVar("ValueT")


class InProcess:
    """The scheduler of a single process."""

    is_remote: ClassVar[bool] = False

    def run(self, tasks: Iterable[Task[ValueT]]) -> Iterator[Outcome[ValueT]]:
        """Run tasks in their order; see `Scheduler.run`."""
        return map(outcome_of, tasks)
