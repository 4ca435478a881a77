"""Connected components of the graph of texts, in which each pair is an edge, and folds that divide no component.

Pairs of one group, where the data names groups, are in one component too.

A model that is scored on a text it was fitted on can recognise the text instead of reading it. No text stands in two
components, so with these folds no text stands in two folds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .normalisation import mix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..models import PairSet
    from .text_table import TextTable

FOLDS = 5


def connected(
    left: NDArray[np.int32], right: NDArray[np.int32], groups: NDArray[np.int32] | None = None
) -> NDArray[np.int32]:
    """Component of each pair, shape (N,), counted from 0.

    Args:
        left: The first text of each pair as a number from 0, shape (N,).
        right: The second one, shape (N,).
        groups: The group of each pair as a number from 0, shape (N,); None where there are none.
    """
    from scipy.sparse import coo_matrix  # noqa: PLC0415 - keeps `--help` fast
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - the same

    size = int(max(left.max(), right.max())) + 1
    one, other = left, right
    if groups is not None:
        # a group is one more node, which each of its pairs is joined to
        one, other = np.concatenate([left, left]), np.concatenate([right, groups + size])
        size = int(other.max()) + 1
    graph = coo_matrix((np.ones(len(one), dtype=np.int8), (one, other)), shape=(size, size))
    component: NDArray[np.int32] = connected_components(graph, directed=False)[1][left]
    return component


def component_folds(table: TextTable, labels: NDArray[np.int8], seed: int = 0) -> NDArray[np.int8]:
    """Fold of each pair, shape (N,), 0 to 4: whole components, balanced by label, whatever the order of the rows.

    The largest component comes first. Each goes to the fold that has the fewest pairs of the component's labels.

    Args:
        table: Texts of the N pairs.
        labels: 0 or 1, shape (N,).
        seed: Orders components of one size.
    """
    component, counts, key = _sized(table, labels, seed)
    order = np.lexsort((key, -counts.sum(axis=1)))
    load, folds = [[0.0, 0.0] for _ in range(FOLDS)], []
    # lists, because there may be a million components, and numpy takes several times as long for so small arrays
    for zeros, ones in counts[order].tolist():
        crowded = [zeros * of_zeros + ones * of_ones for of_zeros, of_ones in load]
        chosen = crowded.index(min(crowded))
        load[chosen][0] += zeros
        load[chosen][1] += ones
        folds.append(chosen)
    fold = np.zeros(len(counts), dtype=np.int8)
    fold[order] = folds
    return fold[component]


def component_sample(
    table: TextTable, labels: NDArray[np.int8], wanted: tuple[int, int], seed: int
) -> NDArray[np.bool_]:
    """Which pairs are drawn, shape (N,): whole components in random order, as long as they fit in what is wanted.

    Args:
        table: Texts of the N pairs.
        labels: 0 or 1, shape (N,).
        wanted: Most pairs of label 0 and of label 1.
        seed: Of the order, which the order of the rows does not change.
    """
    component, counts, key = _sized(table, labels, seed)
    drawn, room = np.zeros(len(counts), dtype=np.bool_), list(wanted)
    by_label = counts.astype(np.int64).tolist()
    for place in np.argsort(key).tolist():
        zeros, ones = by_label[place]
        if zeros <= room[0] and ones <= room[1]:
            drawn[place] = True
            room = [room[0] - zeros, room[1] - ones]
    chosen: NDArray[np.bool_] = drawn[component]
    return chosen


def strata(pairs: PairSet) -> NDArray[np.int8]:
    """What a draw takes its share of, 0 or 1, shape (N,): the labels.

    Grades that all lie on one side of the middle of their scale are divided at their mean.
    """
    one_side = len(pairs) > 0 and pairs.labels.min() == pairs.labels.max()
    if pairs.grades is None or not one_side:
        return pairs.labels
    above: NDArray[np.int8] = (pairs.grades > pairs.grades.mean()).astype(np.int8)
    return above


def largest_component(table: TextTable) -> int:
    """Pairs of the largest component."""
    return int(np.bincount(connected(table.side_1, table.side_2, table.groups)).max())


def _sized(
    table: TextTable, labels: NDArray[np.int8], seed: int
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.uint64]]:
    """Component (N,) of each pair, and of each component its pairs by label (C, 2) and a random key (C,)."""
    _, component = np.unique(connected(table.side_1, table.side_2, table.groups), return_inverse=True)
    counts = np.stack([np.bincount(component, weights=labels == label) for label in (0, 1)], axis=1)
    key = np.full(len(counts), np.iinfo(np.uint64).max)
    np.minimum.at(key, component, mix(table.pair_order ^ np.uint64(seed)))
    return component, counts.astype(np.float64, copy=False), key
