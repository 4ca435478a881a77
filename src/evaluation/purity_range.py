"""How much the cluster purity depends on the seed of the map.

UMAP is random, and the clusters are found on its map. So one map is one draw of the purity, and its range over several
seeds says how far that draw can be trusted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..models import PurityRange
from ..wording import reasons
from .projection import cluster, project

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ..models import Projection

SEEDS = 10
# a map of so many points takes about a second, and a trained model needs two a seed
MAX_POINTS = 500
_MOST_SEEDS = 2**32


def purity_range(
    projection: Projection,
    own: float | None,
    embeddings: NDArray[np.float32],
    labels: ArrayLike,
    seed: int,
    *,
    base_embeddings: NDArray[np.float32] | None = None,
) -> PurityRange:
    """Lowest and highest purity over the map that is shown and those of the nine next seeds.

    The map of a trained model starts from the base model's map of the same seed, as that of the run does. So the range
    is what ten runs would show that differ in the seed of their maps alone.

    Args:
        projection: The map that is shown.
        own: Its purity.
        embeddings: (N, 2, D), in memory or mapped.
        labels: (N,) 0 or 1.
        seed: Of the map that is shown.
        base_embeddings: (N, 2, D) of the base model; None for the base model itself.

    Returns:
        Without a purity on any map, or with more than 500 points, no range, and the reason.
    """
    if len(projection.indices) > MAX_POINTS:
        return PurityRange(low=None, high=None, n_maps=0, reason=reasons.map_too_large(MAX_POINTS))
    found = [own]
    base = embeddings if base_embeddings is None else base_embeddings
    content = base.tobytes()
    for step in range(1, SEEDS):
        other = (seed + step) % _MOST_SEEDS
        drawn = _base_map(content, base.shape, other)
        if base_embeddings is not None:
            drawn = project(embeddings, drawn, seed=other)
        if drawn is not None:
            found.append(cluster(drawn, labels, other)[1].cluster_purity)
    known = [purity for purity in found if purity is not None]
    if not known:
        return PurityRange(low=None, high=None, n_maps=len(found), reason=reasons.NO_CLUSTER)
    return PurityRange(low=min(known), high=max(known), n_maps=len(found), reason="")


@lru_cache(maxsize=SEEDS)
def _base_map(content: bytes, shape: tuple[int, ...], seed: int) -> Projection | None:
    """The base model's map, kept because those of all trained models of a run start from it.

    Args:
        content: Its embeddings, float32.
        shape: Of them, (N, 2, D).
        seed: Of the map.
    """
    return project(np.frombuffer(content, dtype=np.float32).reshape(shape), seed=seed)
