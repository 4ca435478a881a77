"""Connected components of the graph of texts, in which each pair is an edge, and folds that divide no component.

A model that is scored on a text it was fitted on can recognise the text instead of reading it. No text stands in two
components, so with these folds no text stands in two folds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .normalisation import mix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .text_table import TextTable

FOLDS = 5


def connected(left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.int32]:
    """Component of each pair, shape (N,), counted from 0.

    Args:
        left: The first text of each pair as a number from 0, shape (N,).
        right: The second one, shape (N,).
    """
    from scipy.sparse import coo_matrix  # noqa: PLC0415 - keeps `--help` fast
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - the same

    size = int(max(left.max(), right.max())) + 1
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    component: NDArray[np.int32] = connected_components(graph, directed=False)[1][left]
    return component


def component_folds(table: TextTable, labels: NDArray[np.int8]) -> NDArray[np.int8]:
    """Fold of each pair, shape (N,), 0 to 4: whole components, balanced by label, whatever the order of the rows.

    The largest component comes first. Each goes to the fold that has the fewest pairs of the component's labels.

    Args:
        table: Texts of the N pairs.
        labels: 0 or 1, shape (N,).
    """
    _, component = np.unique(connected(table.side_1, table.side_2), return_inverse=True)
    counts = np.stack([np.bincount(component, weights=labels == label) for label in (0, 1)], axis=1)
    key = np.full(len(counts), np.iinfo(np.uint64).max)
    np.minimum.at(key, component, mix(table.pair_order))
    load, fold = np.zeros((FOLDS, 2)), np.zeros(len(counts), dtype=np.int8)
    for place in np.lexsort((key, -counts.sum(axis=1))):
        fold[place] = np.argmin(load @ counts[place])
        load[fold[place]] += counts[place]
    return fold[component]
