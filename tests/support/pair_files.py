"""Small files of labelled pairs for tests of the formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.data.mapped_pairs import load_mapped_pairs
from src.data.options import DataOptions

if TYPE_CHECKING:
    from pathlib import Path

    from src.models import PairSet


def read(path: Path, said: list[str] | None = None, **options: object) -> PairSet:
    """The pairs of a file, read as a run does; `said` takes what the reader tells."""
    told = [] if said is None else said
    return load_mapped_pairs(path, DataOptions(**options), "name it", told.append)  # type: ignore[arg-type]


def rows(pairs: PairSet) -> list[tuple[str, str, int]]:
    """The pairs as tuples."""
    return list(zip(pairs.text_1, pairs.text_2, pairs.labels.tolist(), strict=True))
