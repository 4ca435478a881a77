"""Texts to unit-length vectors: where all texts enter a model, except in a training step (`training/batching.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import ModelError, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    from ..models import PairSet


# of a batch, with its padding: larger ones leave the processor's caches
BATCH_TOKENS = 1_024
# what 32 texts of 256 tokens are; other devices want large batches
_BATCH_TOKENS_ELSEWHERE = 8_192
_MOST_TEXTS = 256  # of a batch
_TEXTS_AT_ONCE = 1_000


def encode_texts(
    model: SentenceTransformer, texts: Sequence[str], progress: Callable[[int], None] | None = None
) -> NDArray[np.float32]:
    """Embed texts, longest first, in batches of about as many tokens each.

    Args:
        model: Any loaded model.
        texts: M texts as the model reads them: any prompt stands before them already.
        progress: Called with the number of texts done since the call before.

    Returns:
        Array of shape (M, D), float32.
    """
    result = np.empty((len(texts), model.get_embedding_dimension() or 0), dtype=np.float32)
    most = BATCH_TOKENS if model.device.type == "cpu" else _BATCH_TOKENS_ELSEWHERE
    for rows in batches(token_counts(model, texts), most):
        result[rows] = model.encode(
            [texts[i] for i in rows],
            # the library would put the default one before them once more
            prompt="",
            batch_size=len(rows),
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        if progress is not None:
            progress(len(rows))
    return result


def batches(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Rows of texts by batch, longest first.

    Args:
        lengths: Tokens of each text.
        most: Tokens of a batch with its padding; a longer text is a batch of its own.
    """
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    start = 0
    while start < len(order):
        size = min(_MOST_TEXTS, max(1, most // max(1, lengths[order[start]])))
        yield order[start : start + size]
        start += size


def token_counts(model: SentenceTransformer, texts: Sequence[str]) -> list[int]:
    """Number of tokens of each text, shape (M,), truncated as the model truncates; 0 where the model pads no text."""
    lengths: list[int] = []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        block = list(texts[start : start + _TEXTS_AT_ONCE])
        mask = model.preprocess(block).get("attention_mask")
        lengths += [0] * len(block) if mask is None else mask.sum(dim=1).tolist()
    return lengths


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
