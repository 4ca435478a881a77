from __future__ import annotations

import pytest

from src.core.errors import UserInputError
from src.scheduling.in_process import InProcess
from src.scheduling.tasks import Task


def fails(error: BaseException) -> None:
    raise error


def test_tasks_run_in_their_order_and_a_failed_one_does_not_end_the_others() -> None:
    tasks = [Task("a", lambda: 1), Task("b", lambda: fails(UserInputError("b is wrong"))), Task("c", lambda: 3)]

    a, b, c = InProcess().run(tasks)

    assert (a.value, b.value, c.value) == (1, None, 3)
    assert [one.name for one in (a, b, c)] == ["a", "b", "c"]
    assert (a.reason, b.reason) == ("", "b is wrong")
    assert isinstance(b.error, UserInputError)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "out of memory"),
        (RuntimeError("CUDA out of memory"), "out of memory"),
        (KeyError("x"), "unexpected KeyError: 'x'"),
    ],
)
def test_the_reason_of_a_failed_task_is_one_line(error: Exception, reason: str) -> None:
    [found] = InProcess().run([Task("a", lambda: fails(error))])

    assert found.reason == reason


def test_a_task_is_asked_for_when_it_can_start() -> None:
    started: list[str] = []

    def tasks():
        for name in "abc":
            started.append(name)
            yield Task(name, lambda: None)

    next(InProcess().run(tasks()))

    assert started == ["a"]


def test_an_interruption_ends_all() -> None:
    with pytest.raises(KeyboardInterrupt):
        list(InProcess().run([Task("a", lambda: fails(KeyboardInterrupt()))]))
