"""Embeddings of one model for every split, made once and kept as `.npy`; reading them needs no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.artifacts import read_array, write_array
from src.code_digest import code_digest
from src.embeddings import distinct_texts, encode_texts, loaded_model, pair_embeddings
from src.stage_records import ensure

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from src.paths import ProjectPaths
    from src.run_context import RunContext


def cached_embeddings(
    context: RunContext, artifact: str, command: str, trained: Path | None = None, weights_sha256: str = "none"
) -> dict[str, NDArray[np.float32]]:
    """Each split's embeddings of one model, encoded only when data, weights or code changed.

    Args:
        context: The run.
        artifact: Name that the files carry.
        command: The command that makes them.
        trained: Folder of the trained model; None for the base model.
        weights_sha256: Hash of the trained weights.

    Returns:
        Split to a memory-mapped array of shape (N, 2, D), float32.
    """
    inputs = {
        **context.data_hashes,
        "base": context.base_fingerprint,
        "weights": weights_sha256,
        "code": code_digest("embeddings", "embedding_cache"),
    }
    ensure(
        context, f"embeddings-{artifact}", command, inputs, lambda _, paths: _encode(context, artifact, trained, paths)
    )
    return read_embeddings(context, artifact, command)


def read_embeddings(context: RunContext, artifact: str, command: str) -> dict[str, NDArray[np.float32]]:
    """The cached embeddings of one model, memory-mapped.

    Raises:
        MissingStageError: They were not made.
        ArtifactError: A file is damaged or belongs to other data.
    """
    return {
        split: read_array(context.paths.embeddings(artifact, split), (len(pairs), 2, None), command)
        for split, pairs in context.pair_sets.items()
    }


def _encode(context: RunContext, artifact: str, trained: Path | None, paths: ProjectPaths) -> None:
    rows = distinct_texts(list(context.pair_sets.values()))
    with (
        context.reporter.task(f"Embedding with {artifact}", len(rows)) as advance,
        loaded_model(context.base, context.device, trained) as model,
    ):
        vectors = encode_texts(model, list(rows), advance)
        del model
    for split, pairs in context.pair_sets.items():
        write_array(paths.embeddings(artifact, split), pair_embeddings(pairs, rows, vectors))
