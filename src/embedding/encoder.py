"""Texts to unit-length vectors: where all texts enter a model, except in a training step (`training/batching.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import ModelError, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    from ..models import PairSet


ENCODE_BATCH = 32


def encode_texts(
    model: SentenceTransformer, texts: Sequence[str], progress: Callable[[int], None] | None = None
) -> NDArray[np.float32]:
    """Embed texts, longest first so that a batch pads little.

    Args:
        model: Any loaded model.
        texts: M texts as the model reads them: any prompt stands before them already.
        progress: Called with the number of texts done since the call before.

    Returns:
        Array of shape (M, D), float32.
    """
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    result = np.empty((len(texts), model.get_embedding_dimension() or 0), dtype=np.float32)
    step = ENCODE_BATCH * 8
    for start in range(0, len(order), step):
        rows = order[start : start + step]
        result[rows] = model.encode(
            [texts[i] for i in rows],
            # the library would put the default one before them once more
            prompt="",
            batch_size=ENCODE_BATCH,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        if progress is not None:
            progress(len(rows))
    return result


def refuse_without_direction(texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
    """Refuse embeddings that have no cosine.

    Args:
        texts: M texts.
        vectors: Their embeddings, (M, D).

    Raises:
        ModelError: One of them is zero or not finite.
    """
    lengths = np.linalg.norm(vectors, axis=1)
    bad = np.flatnonzero(~np.isfinite(lengths) | (lengths == 0))
    if len(bad):
        what = "zero" if lengths[bad[0]] == 0 else "not finite"
        raise ModelError(
            f"the embeddings of {len(bad)} texts are {what}, first that of {printable(texts[bad[0]], 80)!r}; "
            "the model is damaged"
        )


def distinct_texts(pair_sets: Sequence[PairSet]) -> dict[str, int]:
    """Each different text of some pair sets, and its row among them."""
    rows: dict[str, int] = {}
    for pairs in pair_sets:
        for text in (*pairs.text_1, *pairs.text_2):
            rows.setdefault(text, len(rows))
    return rows


def pair_embeddings(pairs: PairSet, rows: dict[str, int], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lay text embeddings out by pair.

    Returns:
        Array of shape (N, 2, D), float32.
    """
    left = np.fromiter((rows[t] for t in pairs.text_1), dtype=np.int64, count=len(pairs))
    right = np.fromiter((rows[t] for t in pairs.text_2), dtype=np.int64, count=len(pairs))
    return np.stack([vectors[left], vectors[right]], axis=1)
