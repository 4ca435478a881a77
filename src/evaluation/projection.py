"""A 2-d map of the pairs (UMAP) and the clusters on it (HDBSCAN).

A point is a pair: the concatenation of its two unit-length embeddings (2D numbers). The maps of two models can be
compared because the second one starts from the coordinates of the first.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from ..metrics import check_pairs, reopened, unit_length, validated
from ..models import ClusterSummary, Projection
from ..wording import reasons
from .umap_layout import umap_layout

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

MAX_POINTS = 2_000
MIN_POINTS = 4
NEIGHBORS = 15
MIN_CLUSTER_SIZE = 10
MIN_SAMPLES = 5
SHUFFLES = 200
NOISE = -1
_DECIMALS = 4


# --- map ------------------------------------------------------------------------------------------------


def project(
    embeddings: NDArray[np.float32],
    init: Projection | None = None,
    *,
    aligned_to: str | None = None,
    seed: int = 42,
    max_points: int = MAX_POINTS,
) -> Projection | None:
    """Lay the pairs out in two dimensions with UMAP (McInnes, Healy & Melville 2018).

    n_neighbors 15, min_dist 0.1, cosine, one thread, so that one machine gives the same map twice. If there are more
    pairs than `max_points`, the map shows a seeded sample. With 15 pairs or fewer n_neighbors is N - 1 and the start is
    random, because the spectral start needs more. A map that started from another one is aligned to it at the end.

    Args:
        embeddings: (N, 2, D), in memory or mapped.
        init: The map to start from, on the same rows: the baseline's; None for a map of its own.
        aligned_to: Name of the model that `init` belongs to.
        seed: Of the sample and of UMAP.
        max_points: Most points on a map of its own.

    Returns:
        Coordinates rounded to 4 decimals, without clusters; None with fewer than 4 pairs.

    Raises:
        ValueError: Another shape, a vector that is zero or not finite, or `init` belongs to another number of pairs.
    """
    check_pairs(embeddings)
    n = len(embeddings)
    if init is not None and init.sampled_from != n:
        raise ValueError(f"the map to start from was made of {init.sampled_from} pairs, not {n}")
    rows = _sample(n, max_points, seed) if init is None else np.array(init.indices)
    if rows.size < MIN_POINTS:
        return None
    points = unit_length(reopened(embeddings)[rows]).reshape(rows.size, -1)
    neighbors = min(NEIGHBORS, rows.size - 1)
    start = _start(init, rows.size)
    found = umap_layout(points.astype(np.float32), neighbors, start, seed)
    x, y = (found if isinstance(start, str) else _aligned(found, start)).T
    return Projection(
        indices=tuple(rows.tolist()),
        x=_rounded(x),
        y=_rounded(y),
        clusters=(),
        n_neighbors=neighbors,
        aligned_to=aligned_to if init is not None else None,
        sampled_from=n,
    )


def _sample(n: int, max_points: int, seed: int) -> Integers:
    """Rows of the points, ascending: all, or a seeded sample."""
    if n <= max_points:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, max_points, replace=False))


def _start(init: Projection | None, n: int) -> str | NDArray[np.float32]:
    if init is not None:
        return np.stack([init.x, init.y], axis=1).astype(np.float32)
    return "spectral" if n > NEIGHBORS else "random"


def _aligned(points: Floats, start: NDArray[np.float32]) -> Floats:
    """Points (n, 2) shifted, rotated and mirrored, not scaled, to lie as close as possible to their start.

    UMAP lets a map drift and rotate, which has no meaning. Distances are unchanged (Schoenemann 1966).
    """
    from scipy.linalg import orthogonal_procrustes  # noqa: PLC0415 - slow to import; not for --help

    centred, centre = points - points.mean(axis=0), start.mean(axis=0)
    rotation, _ = orthogonal_procrustes(centred, start - centre)
    aligned: Floats = centred @ rotation + centre
    return aligned


def _rounded(values: Floats) -> tuple[float, ...]:
    # Through float64: a rounded float32 is written with all its digits.
    return tuple(np.round(values.astype(np.float64), _DECIMALS).tolist())


# --- clusters -------------------------------------------------------------------------------------------


def cluster(
    projection: Projection, labels: ArrayLike, seed: int = 42, grades: Floats | None = None
) -> tuple[Projection, ClusterSummary]:
    """Find dense groups on the map with HDBSCAN (Campello, Moulavi & Sander 2013), which does not see the labels.

    min_cluster_size 10, min_samples 5, excess of mass. Below 20 points min_cluster_size is half the points (at least
    2) and min_samples at most that; the reason then says so.

    Args:
        projection: The map.
        labels: (N,) 0 or 1, of all pairs that the points were sampled from.
        seed: Of the shuffles that the purity is compared with.
        grades: (N,) graded labels, of the same pairs; None where there are two labels.

    Returns:
        The map with a cluster for each point, -1 for noise, and the summary; its purities are None, with a reason,
        when all points are noise.

    Raises:
        ValueError: The labels are not 0 or 1, or not of that many pairs.
    """
    _, compatible = validated(np.zeros(projection.sampled_from), labels)
    n = len(projection.indices)
    size = min(MIN_CLUSTER_SIZE, max(2, n // 2))
    samples = min(MIN_SAMPLES, size)
    found = _hdbscan(np.stack([projection.x, projection.y], axis=1), size, samples)
    clustered = found != NOISE
    drawn = list(projection.indices)
    truth = compatible[drawn][clustered]
    etas = (None, None) if grades is None else eta_squared(found[clustered], grades[drawn][clustered], seed)
    summary = ClusterSummary(
        cluster_purity=purity(found[clustered], truth),
        shuffled_purity=shuffled_purity(found[clustered], truth, seed),
        eta_squared=etas[0],
        shuffled_eta_squared=etas[1],
        n_clusters=np.unique(found[clustered]).size,
        noise_ratio=1 - int(np.count_nonzero(clustered)) / n,
        min_cluster_size=size,
        min_samples=samples,
        n=n,
        reason=_why(n, size, samples, any_cluster=bool(clustered.any())),
    )
    return projection.model_copy(update={"clusters": tuple(found.tolist())}), summary


def unclustered(n: int) -> ClusterSummary:
    """The summary of N pairs that are too few for a map."""
    return ClusterSummary(
        cluster_purity=None,
        shuffled_purity=None,
        n_clusters=None,
        noise_ratio=None,
        min_cluster_size=MIN_CLUSTER_SIZE,
        min_samples=MIN_SAMPLES,
        n=n,
        reason=reasons.no_map(MIN_POINTS),
    )


def _hdbscan(points: Floats, size: int, samples: int) -> Integers:
    with warnings.catch_warnings():
        # it uses deprecated names of other libraries
        warnings.simplefilter("ignore")
        from hdbscan import HDBSCAN  # noqa: PLC0415 - slow to import; not for --help

        clusterer = HDBSCAN(
            min_cluster_size=size,
            min_samples=samples,
            cluster_selection_method="eom",
            approx_min_span_tree=False,
            core_dist_n_jobs=1,
        )
        found: Integers = clusterer.fit_predict(points)
    return found


def _why(n: int, size: int, samples: int, *, any_cluster: bool) -> str:
    lowered = reasons.lowered_cluster_size(size, samples, n) if size < MIN_CLUSTER_SIZE else ""
    return reasons.joined(lowered, "" if any_cluster else reasons.NO_CLUSTER)


def purity(clusters: Integers, compatible: NDArray[np.bool_]) -> float | None:
    """Share of points whose label is their cluster's majority label.

    Args:
        clusters: (n,) cluster of each point, noise left out.
        compatible: (n,) whether its label is 1.

    Returns:
        0.5 to 1; None without points. Many small clusters are pure by chance, so compare it with `shuffled_purity`.
    """
    return float(_purities(clusters, compatible[None, :])[0]) if clusters.size else None


def shuffled_purity(
    clusters: Integers, compatible: NDArray[np.bool_], seed: int, shuffles: int = SHUFFLES
) -> float | None:
    """Mean purity over seeded shuffles of the labels among the clustered points.

    Args:
        clusters: (n,) cluster of each point, noise left out.
        compatible: (n,) whether its label is 1.
        seed: Of the shuffles.
        shuffles: How many.

    Returns:
        0.5 to 1; None without points.
    """
    if not clusters.size:
        return None
    rng = np.random.default_rng(seed)
    shuffled = rng.permuted(np.tile(compatible, (shuffles, 1)), axis=1)
    return float(_purities(clusters, shuffled).mean())


def eta_squared(
    clusters: Integers, grades: Floats, seed: int, shuffles: int = SHUFFLES
) -> tuple[float | None, float | None]:
    """Share of the variance of the grades that lies between clusters, and its mean over seeded shuffles of the grades.

    Args:
        clusters: (n,) cluster of each point, noise left out.
        grades: (n,) its grade.
        seed: Of the shuffles.
        shuffles: How many.

    Returns:
        0 to 1 each; None without points or where all grades are equal.
    """
    if not clusters.size or not np.ptp(grades):
        return None, None
    _, member, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    rng, centred = np.random.default_rng(seed), grades - grades.mean()
    orders = [centred, *(rng.permutation(centred) for _ in range(shuffles))]
    between = [float(np.sum(np.bincount(member, order) ** 2 / sizes)) for order in orders]
    found = np.minimum(1.0, np.array(between) / float(centred @ centred))
    return float(found[0]), float(found[1:].mean())


def _purities(clusters: Integers, labelings: NDArray[np.bool_]) -> Floats:
    """Purity (s,) of one clustering (n,) under s labelings (s, n)."""
    _, member, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    belongs = (member[:, None] == np.arange(sizes.size)).astype(np.float64)  # (n, C)
    positive = labelings.astype(np.float64) @ belongs  # (s, C)
    majority: Floats = np.maximum(positive, sizes - positive).sum(axis=1)
    return majority / clusters.size
