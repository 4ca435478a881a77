"""Shape of the embedding space, whatever the labels, and how far training moved it.

CosineSimilarityLoss can collapse the space while the AUC looks superb. Then random texts have a cosine near 1
(anisotropy), the uniformity is near 0 and the effective rank is small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics import check_pairs, reopened, unit_blocks, unit_length, validated
from ..models import Geometry, ModelChange

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

MAX_TEXTS = 5_000
MAX_PAIRS = 5_000
# Texts repeat, so more of them are sampled than are needed.
_OVERSAMPLING = 2
_BLOCK_ROWS = 512


def geometry(embeddings: NDArray[np.float32], labels: ArrayLike, seed: int) -> Geometry:
    """Measure the space on a seeded sample: at most 5,000 distinct texts, at most 5,000 compatible pairs.

    Two texts count as the same when their embeddings are equal bit by bit.

    Args:
        embeddings: (N, 2, D), in memory or mapped.
        labels: (N,) 0 or 1.
        seed: Of the sample; up to 5,000 pairs it has no effect.

    Returns:
        Cosine of random pairs and uniformity are None with fewer than two distinct texts, alignment is None without
        compatible pairs, the effective rank without texts.

    Raises:
        ValueError: Another shape, a label that is neither 0 nor 1, or a vector that is zero or not finite.
    """
    check_pairs(embeddings)
    _, compatible = validated(np.zeros(len(embeddings)), labels)
    rng = np.random.default_rng(seed)
    texts = unit_length(_distinct_texts(embeddings, rng))
    rows = _sampled(np.flatnonzero(compatible), MAX_PAIRS, rng)
    return Geometry(
        random_pair_cosine=random_pair_cosine(texts),
        alignment=alignment(unit_length(reopened(embeddings)[rows])),
        uniformity=uniformity(texts),
        effective_rank=effective_rank(texts),
        n_texts=len(texts),
    )


def _sampled(rows: NDArray[np.intp], limit: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """The rows, or a sample of `limit` of them, ascending."""
    return rows if rows.size <= limit else np.sort(rng.choice(rows, limit, replace=False))


def _distinct_texts(embeddings: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Sample of texts whose embeddings differ: (up to 5,000, D)."""
    n, _, d = embeddings.shape
    rows = _sampled(np.arange(2 * n), MAX_TEXTS * _OVERSAMPLING, rng)
    vectors = np.asarray(reopened(embeddings).reshape(2 * n, d)[rows])
    first = {vector.tobytes(): i for i, vector in reversed(list(enumerate(vectors)))}
    kept = _sampled(np.array(sorted(first.values()), dtype=np.intp), MAX_TEXTS, rng)
    distinct: NDArray[np.float32] = vectors[kept]
    return distinct


def random_pair_cosine(texts: Floats) -> float | None:
    """Anisotropy: mean cosine over all pairs of different rows; near 0 in a spread space, 1 in a collapsed one.

    Args:
        texts: (M, D) unit-length vectors.

    Returns:
        -1 to 1; None with fewer than two rows.
    """
    m = len(texts)
    if m <= 1:
        return None
    # The squared length of the sum is the sum over all ordered pairs, each row with itself giving 1.
    total = texts.sum(axis=0)
    return float(np.clip((total @ total - m) / (m * (m - 1)), -1.0, 1.0))


def alignment(pairs: Floats) -> float | None:
    """Mean squared distance of the two sides of compatible pairs (Wang & Isola 2020, alpha = 2).

    Args:
        pairs: (P, 2, D) unit-length vectors.

    Returns:
        0 to 4, lower is closer; None without pairs.
    """
    if not len(pairs):
        return None
    return float(np.square(pairs[:, 0] - pairs[:, 1]).sum(axis=1).mean())


def uniformity(texts: Floats) -> float | None:
    """Log of the mean of exp(-2 * squared distance) over pairs of different rows (Wang & Isola 2020, t = 2).

    Args:
        texts: (M, D) unit-length vectors.

    Returns:
        At most 0, which is a collapsed space; a space spread over many dimensions is near -4. None with fewer than
        two rows.
    """
    m = len(texts)
    if m <= 1:
        return None
    total = 0.0
    for start in range(0, m, _BLOCK_ROWS):
        # For unit vectors the squared distance is 2 - 2 * cosine.
        cosines = texts[start : start + _BLOCK_ROWS] @ texts.T
        total += float(np.exp(4.0 * (cosines - 1.0)).sum())
    return min(0.0, float(np.log((total - m) / (m * (m - 1)))))


def effective_rank(texts: Floats) -> float | None:
    """Exp of the entropy of the singular values, scaled to sum 1, of the rows as they are (Roy & Vetterli 2007).

    Args:
        texts: (M, D) unit-length vectors, not centred.

    Returns:
        1, when all rows are parallel, to min(M, D); None without rows.
    """
    if not len(texts):
        return None
    values = np.linalg.svd(texts, compute_uv=False)
    shares = values[values > 0] / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def model_change(embeddings: NDArray[np.float32], base_embeddings: NDArray[np.float32]) -> ModelChange:
    """Compare embeddings of the same texts before and after training, in constant memory.

    Args:
        embeddings: (N, 2, D) of the trained model, N at least 1, in memory or mapped.
        base_embeddings: (N, 2, D) of the base model.

    Raises:
        ValueError: The shapes differ, there is no pair, or a vector is zero or not finite.
    """
    if embeddings.shape != base_embeddings.shape or not len(embeddings):
        raise ValueError(f"embeddings of shape {embeddings.shape} and {base_embeddings.shape}: equal ones are expected")
    largest, cosines = 0.0, 0.0
    for after, before in zip(unit_blocks(embeddings), unit_blocks(base_embeddings), strict=True):
        largest = max(largest, float(np.abs(after - before).max()))
        cosines += float(np.einsum("npd,npd->", after, before))
    mean = cosines / (2 * len(embeddings))
    return ModelChange(max_abs_difference=largest, mean_cosine_to_base=min(1.0, max(-1.0, mean)))
