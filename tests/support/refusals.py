"""Errors of stages as the command line tells them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from src.core.errors import StageError


def told(error: StageError) -> str:
    """What is wrong and which command to run, without the program's name."""
    if error.causes:
        return "; ".join(map(told, error.causes))
    return f"{error}; run `{error.command}` {error.when}" if error.command else str(error)


@contextmanager
def refused(kind: type[StageError], match: str) -> Iterator[None]:
    """The block raises this error, and what it tells matches a pattern."""
    with pytest.raises(kind) as caught:
        yield
    assert re.search(match, told(caught.value)), told(caught.value)
