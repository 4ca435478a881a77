"""Embeddings of one model for every split, made once and kept as `.npy`; reading them needs no torch."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from .core.paths import BASELINE
from .embedding.sharded import EncodingJob, encode_splits
from .storage.files import read_array
from .workflow.code_version import code_version
from .workflow.stage import ensure

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from .core.paths import ProjectPaths
    from .workflow.context import RunContext


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
    job = embedding_job(context, artifact, trained)
    inputs = {
        **context.data_hashes,
        "base": context.base_fingerprint,
        "weights": weights_sha256,
        "code": code_version("embedding_stage"),
    }

    def make(key: str, paths: ProjectPaths) -> None:
        for split, made in encode_splits(job, key).items():
            target = paths.embeddings(artifact, split)
            target.parent.mkdir(parents=True, exist_ok=True)
            made.replace(target)
        shutil.rmtree(context.paths.encoding(artifact), ignore_errors=True)

    def assist(key: str) -> None:
        encode_splits(job, key)

    ensure(context, f"embeddings-{artifact}", command, inputs, make, assist=assist)
    return read_embeddings(context, artifact, command)


def embedding_job(context: RunContext, artifact: str, trained: Path | None = None) -> EncodingJob:
    """What has to be encoded for one model of a run."""
    return EncodingJob(
        pair_sets=context.pair_sets,
        folder=context.paths.encoding(artifact),
        base=context.base,
        device=context.device,
        trained=trained,
        name=artifact,
        reporter=context.reporter,
        check_root=context.lock.check,
        root_lost=context.lock.lost,
    )


def read_embeddings(context: RunContext, artifact: str, command: str) -> dict[str, NDArray[np.float32]]:
    """The cached embeddings of one model, memory-mapped.

    Raises:
        MissingStageError: They were not made.
        ArtifactError: A file is damaged, or belongs to other data or to another model.
    """
    width = None if artifact == BASELINE else _width_of_baseline(context)
    found = {}
    for split, pairs in context.pair_sets.items():
        found[split] = read_array(context.paths.embeddings(artifact, split), (len(pairs), 2, width), command)
        width = found[split].shape[2]
    return found


def _width_of_baseline(context: RunContext) -> int | None:
    """Dimensions of the base model's embeddings, which training does not change; None before there are any."""
    split, pairs = next(iter(context.pair_sets.items()))
    path = context.paths.embeddings(BASELINE, split)
    if not path.exists():
        return None
    return int(read_array(path, (len(pairs), 2, None), "python -m src.cli baseline").shape[2])
