"""An exported model beside the model of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..evaluation.metric_registry import metric_label
from ..wording.intervals import IN_BRACKETS
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from ..models import Export


def export_table(found: Export) -> Table:
    """What each side scores on the test pairs, weighs and embeds a second."""
    original, exported, change = found.original, found.exported, found.difference
    rows: list[list[Cell | str]] = [
        [
            metric_label(change.metric),
            formats.number(original.score),
            formats.number(exported.score),
            cell(
                formats.signed(change.value),
                note=formats.signed_interval(change.low, change.high) or f"({found.reason})",
            ),
        ],
        ["Largest difference of a cosine", "", "", formats.small_number(found.largest_cosine_difference)],
        ["Weights, MB", *_pair(original.weights_megabytes, exported.weights_megabytes)],
        ["Texts per second", *_pair(original.texts_per_second, exported.texts_per_second)],
    ]
    caption = f"{found.name} as {found.format}, on {formats.count(found.test_data.n)} test pairs"
    columns = ("", "Original", "Exported", "Difference or ratio")
    return table(caption, columns, rows, IN_BRACKETS if change.low is not None else "")


def _pair(original: float, exported: float) -> tuple[str, str, str]:
    ratio = f"x {formats.number(exported / original, 2)}" if original else formats.NOT_AVAILABLE
    return formats.number(original, 1), formats.number(exported, 1), ratio
