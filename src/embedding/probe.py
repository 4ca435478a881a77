"""What a model makes of two short texts, before it is used for anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import ModelFolderError
from .model_folder_checks import normalises

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    from .model_folder_checks import ModelFolder

_TEXTS = ("boy: I like long walks.", "girl: nothing is better than a quiet evening at home")
_UNIT_TOLERANCE = 1e-3
_LEAST_TOKENS = 3
# published models leave some rows of the word embedding free, to round their number
_FREE_ROWS = 0.01


def refuse_useless(model: SentenceTransformer, folder: ModelFolder) -> None:
    """Refuse a model whose tokenizer is another one's, or whose embeddings cannot be compared.

    Args:
        model: The model as loaded.
        folder: Where it was loaded from.

    Raises:
        ModelFolderError: Tokens do not fit the word embedding, or two texts get no two vectors of finite length, of
            length 1 where the model normalises.
    """
    if fault := _fault_of_tokens(model, folder) or _fault_of_vectors(model, folder):
        raise ModelFolderError(f"{folder.path}: {fault}; {folder.remedy}")


def _fault_of_tokens(model: SentenceTransformer, folder: ModelFolder) -> str:
    rows, limit = folder.architecture.vocabulary, model.max_seq_length
    numbers = set(model.tokenizer.get_vocab().values())
    if not numbers or max(numbers) >= rows or len(numbers) < (1 - _FREE_ROWS) * rows:
        last = max(numbers, default=-1)
        return f"its tokenizer has {len(numbers)} tokens up to number {last}, the weights have {rows}"
    if limit is not None and not _LEAST_TOKENS <= limit <= folder.architecture.max_tokens:
        return (
            f"its tokenizer keeps {limit} tokens of a text, the weights have positions for "
            f"{folder.architecture.max_tokens}"
        )
    return ""


def _fault_of_vectors(model: SentenceTransformer, folder: ModelFolder) -> str:
    vectors = _forward(model)[:, : model.truncate_dim]
    wanted = (len(_TEXTS), folder.dimensions)
    if vectors.shape != wanted:
        return f"the embeddings of two texts have the shape {vectors.shape}, expected {wanted}"
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.isfinite(lengths).all() or not lengths.all():
        return "the embedding of a text is zero or not finite"
    if np.array_equal(vectors[0], vectors[1]):
        return "two texts have the same embedding"
    if normalises(folder.path, folder.remedy) and np.abs(lengths - 1).max() > _UNIT_TOLERANCE:
        return f"an embedding has the length {lengths.max():.4g} instead of 1"
    return ""


def _forward(model: SentenceTransformer) -> NDArray[np.float32]:
    """One forward pass, without what `encode` does for many texts: (2, D), float32."""
    import torch  # noqa: PLC0415 - was imported with the model

    with torch.inference_mode():
        features = {
            name: value.to(model.device) if isinstance(value, torch.Tensor) else value
            for name, value in model.preprocess(list(_TEXTS)).items()
        }
        vectors: NDArray[np.float32] = model(features)["sentence_embedding"].float().cpu().numpy()
    return vectors
