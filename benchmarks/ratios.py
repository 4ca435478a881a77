"""The ratios that were kept last, by kind of processor, and whether one has fallen since.

A ratio says how many times as fast as the peer ours is, so that the machine's own speed cancels out. It depends on the
kind of processor all the same, on how fast that multiplies in bf16 above all.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEPT = Path(__file__).with_name("ratios.json")


class Spread(NamedTuple):
    """One figure over several rounds: how many times as fast, or seconds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, rounds: Sequence[float]) -> Spread:
        """The spread of some rounds, at least one."""
        return cls(statistics.median(rounds), min(rounds), max(rounds))

    def __str__(self) -> str:
        """Median, lowest and highest, as a benchmark prints it."""
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def kept_ratios(processor: str, file: Path = KEPT) -> dict[str, Spread]:
    """What was kept for a kind of processor, by name; nothing where it is new.

    Args:
        processor: As `machine.processor` calls it.
        file: Where the ratios are.
    """
    found = json.loads(file.read_text(encoding="utf-8")).get(processor, {})
    return {name: Spread(*values) for name, values in found.items()}


def keep_ratios(processor: str, ratios: Mapping[str, Spread], file: Path = KEPT) -> None:
    """Keep ratios in place of the earlier ones of these names.

    Args:
        processor: As `machine.processor` calls it.
        ratios: By name.
        file: Where the ratios are.
    """
    every = json.loads(file.read_text(encoding="utf-8"))
    rounded = {name: [round(value, 2) for value in ratio] for name, ratio in ratios.items()}
    every[processor] = {**every.get(processor, {}), **rounded}
    file.write_text(json.dumps(every, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def fallen(ratios: Mapping[str, Spread], kept: Mapping[str, Spread]) -> list[str]:
    """A line for each ratio that is below the kept one by more than that one's spread.

    Args:
        ratios: Of this run, by name.
        kept: Those that were kept.
    """
    return [
        f"{name}: {now} times as fast, below {before}, which was kept, by more than its spread"
        for name, now in ratios.items()
        if (before := kept.get(name)) and now.median < before.median - (before.high - before.low)
    ]
