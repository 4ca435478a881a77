"""How many pairs a training moved the right way and the wrong way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core import formatting as formats
from ..views.movement import FAR
from .selection import model_name
from .table import Table, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ..models import Words
    from ..views.movement import Movement

_COLUMNS = (
    "Model",
    "Pairs",
    "n",
    "Right way",
    "Wrong way",
    "Did not move",
    "Right by 10 or more",
    "Wrong by 10 or more",
)


def movement_table(movements: Sequence[Movement], labels: NDArray[np.int8] | None, words: Words) -> Table:
    """Counts of each model, of all pairs and by label.

    Args:
        movements: One a trained model, all of the same N pairs.
        labels: (N,) 0 or 1; None where the labels are grades.
        words: What the labels are called.
    """
    rows = [row for one in movements for row in _rows(one, labels, words)]
    way = f"Right is up for {words.positive} pairs and down for {words.negative} ones"
    way = way if labels is not None else "Right is towards the percentile of the pair's grade"
    note = f"All pairs are counted, drawn or not. {way}. The columns with {FAR:g} count moves of that many points."
    return table("Pairs that a training moved", _COLUMNS, rows, note)


def _rows(one: Movement, labels: NDArray[np.int8] | None, words: Words) -> Iterator[list[str]]:
    everyone = np.ones(one.before.shape, dtype=np.bool_)
    groups = {"all": everyone}
    if labels is not None:
        groups |= {words.positive: labels == 1, words.negative: labels == 0}
    for name, inside in groups.items():
        counts = [one.way == 1, one.way == -1, one.way == 0, (one.way == 1) & one.far, (one.way == -1) & one.far]
        numbers = [int(np.count_nonzero(count & inside)) for count in (everyone, *counts)]
        yield [model_name(one.model), name, *map(formats.count, numbers)]


def movement_line(one: Movement) -> str:
    """The counts of one model in a few words."""
    right, wrong = (formats.count(int(np.count_nonzero(one.way == way))) for way in (1, -1))
    return f"{right} the right way, {wrong} the wrong way"
