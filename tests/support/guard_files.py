"""Small guards for tests, of other texts than the small data."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from src.data.guards import parse_guard
from tests.support.data_files import write_jsonl

if TYPE_CHECKING:
    from pathlib import Path

    from src.workflow.context import RunContext

GRADED, OLD = "graded.jsonl", "old.jsonl"
_TOPICS = ("rain", "bread", "violin", "bus", "fox", "tax", "goal", "lamp")


def guard_file(path: Path, n: int, labels: int) -> Path:
    """Write N pairs with two labels, or with so many grades."""
    rows = (
        {
            "text_1": f"the {_TOPICS[i % 8]} {i}",
            "text_2": f"a {_TOPICS[(i + i % 3) % 8]} {i}",
            "label": i % 2 if labels == 2 else i % labels + 0.5,
        }
        for i in range(n)
    )
    return write_jsonl(path, rows)


def with_guards(context: RunContext, *files: Path) -> RunContext:
    """The same run with these guards."""
    return dataclasses.replace(context, guard_files=tuple(parse_guard(str(file)) for file in files))
