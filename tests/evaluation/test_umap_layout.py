from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from src.evaluation.umap_layout import _umap, umap_layout


def points_of(n: int, d: int = 12, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@pytest.mark.slow  # compiles for half a minute what the program does without
@pytest.mark.parametrize("start", ["spectral", "coordinates"])
@pytest.mark.parametrize("n", [5, 16, 40, 600])
def test_the_map_is_that_of_umap_alone(n: int, start: str) -> None:
    points = points_of(n)
    points[1] = points[0]  # distances that are equal are put in the same order
    points[2] = -points[0]
    neighbors = min(15, n - 1)
    coordinates = points_of(n, 2, seed=1)
    init = coordinates if start == "coordinates" else "spectral" if n > 15 else "random"

    found = umap_layout(points, neighbors, init, 7)

    alone = _umap().UMAP(
        n_neighbors=neighbors,
        min_dist=0.1,
        metric="cosine",
        init=init,
        random_state=7,
        n_jobs=1,
        disconnection_distance=2.5,
    )
    with warnings.catch_warnings(action="ignore"):
        assert np.array_equal(found, alone.fit_transform(points))


def test_maps_of_other_seeds_leave_the_neighbours_as_they_are() -> None:
    points = points_of(40)
    first = umap_layout(points, 15, "spectral", 1)

    umap_layout(points, 15, "spectral", 2)

    assert np.array_equal(umap_layout(points, 15, "spectral", 1), first)


def test_what_is_compiled_for_a_map_is_kept_for_the_next_process() -> None:
    umap_layout(points_of(20), 15, "spectral", 1)
    umap = _umap()

    functions = (
        umap.distances.cosine,
        umap.umap_.smooth_knn_dist,
        umap.umap_.compute_membership_strengths,
        umap.layouts._get_optimize_layout_euclidean_single_epoch_fn(),
    )

    for function in functions:
        assert list(Path(function.stats.cache_path).glob(f"*{function.py_func.__name__}*.nbi"))
