"""Coordinates of points by UMAP, without what it would do again for every map and in every process.

Its compiled functions are kept on disk, and the nearest neighbours of points are searched once for all seeds.
Both change no digit (`tests/evaluation/test_umap_layout.py`).
"""

from __future__ import annotations

import os
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.user_cache import ensure_user_cache

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MIN_DIST = 0.1
# UMAP drops neighbours this far away and gives a point without any NaN as coordinates; cosine distances end at 2.
_FARTHEST = 2.5


def umap_layout(points: NDArray[np.float32], neighbors: int, start: str | NDArray[np.float32], seed: int) -> Floats:
    """Lay points out in two dimensions with UMAP, by cosine, in one thread.

    Args:
        points: (n, d). All n * (n - 1) / 2 distances are measured.
        neighbors: How many nearest points are kept of each, itself among them; at most n - 1.
        start: "spectral", "random" or coordinates (n, 2) to start from.
        seed: Of the layout.

    Returns:
        Coordinates (n, 2).
    """
    with warnings.catch_warnings():
        # UMAP warns of a disconnected graph and of its own dependencies; a user can change neither.
        warnings.simplefilter("ignore")
        # numba keeps what it compiled beside UMAP; where that is read-only, in the user's cache
        ensure_user_cache()
        reducer = _umap().UMAP(
            n_neighbors=neighbors,
            min_dist=MIN_DIST,
            metric="cosine",
            init=start,
            random_state=seed,
            n_jobs=1,
            disconnection_distance=_FARTHEST,
            precomputed_knn=_nearest(points.tobytes(), points.shape, neighbors),
        )
        found: Floats = reducer.fit_transform(points)
    return found


@lru_cache(maxsize=2)
def _nearest(content: bytes, shape: tuple[int, int], neighbors: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The nearest points of each, nearest first, and their distances, (n, neighbors) each.

    By the function and the order that UMAP uses for so few points, so that its maps are the same.

    Args:
        content: The points, float32; bytes, because they are what is looked up.
        shape: Of the points, (n, d).
        neighbors: How many.
    """
    cosine = _umap().distances.cosine
    from sklearn.metrics import pairwise_distances  # noqa: PLC0415 - slow to import; not for --help

    distances = pairwise_distances(np.frombuffer(content, dtype=np.float32).reshape(shape), metric=cosine)
    indices = np.argsort(distances, axis=1, kind="stable")[:, :neighbors].astype(np.int32)
    return indices, np.take_along_axis(distances, indices, axis=1)


@lru_cache(maxsize=1)
def _umap() -> Any:  # noqa: ANN401 - the library has no types
    """The library, whose slow functions are told to keep on disk what numba compiles of them."""
    # numba's OpenMP layer would set PyTorch's thread count too, whatever OMP_NUM_THREADS says
    os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")
    import umap  # noqa: PLC0415 - compiles for seconds; not for --help
    from umap import layouts  # noqa: PLC0415

    if not hasattr(umap.distances.cosine, "enable_caching"):  # a plain function, by the user's NUMBA_DISABLE_JIT
        return umap

    for function in (
        umap.distances.cosine,
        umap.umap_.smooth_knn_dist,
        umap.umap_.compute_membership_strengths,
        layouts._get_optimize_layout_euclidean_single_epoch_fn(),  # noqa: SLF001 - one epoch of the layout
    ):
        function.enable_caching()
    return umap
