"""Embeddings of one model for every split, made once and kept as `.npy`; reading them needs no torch."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from .core.paths import BASELINE
from .embedding.sharded import EncodingJob, encode_splits
from .storage.files import free_name, is_folder, read_array, remove_if_empty
from .workflow.code_version import code_version
from .workflow.environment import MODELS, versions
from .workflow.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from .core.paths import ProjectPaths
    from .models import Split, TrainingInfo
    from .workflow.context import RunContext


def embedding_stage(
    context: RunContext, artifact: str, command: str, training: TrainingInfo | None = None
) -> Stage[dict[Split, NDArray[np.float32]]]:
    """Each split's embeddings of one model.

    The result maps each split to a memory-mapped array of shape (N, 2, D), float32.

    Args:
        context: The run.
        artifact: Name that the files carry.
        command: The command that makes them.
        training: The training whose model embeds; None for the base model.
    """
    folder = None if training is None else context.paths.model(training.config.name)

    def make(paths: ProjectPaths, fingerprint: str) -> None:
        job = embedding_job(context, artifact, folder)
        made = encode_splits(job, fingerprint)
        for split, file in made.items():
            target = paths.embeddings(artifact, split)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
        for folder_of_key in {file.parent for file in made.values()}:
            shutil.rmtree(folder_of_key, ignore_errors=True)
        remove_if_empty(job.folder)

    return Stage(
        context=context,
        name=f"embeddings-{artifact}",
        command=command,
        inputs=lambda: embedding_inputs(context, training),
        make=make,
        load=lambda: _load(context, artifact),
        on_other_ranks=lambda fingerprint: encode_splits(embedding_job(context, artifact, folder), fingerprint),
    )


def embedding_inputs(context: RunContext, training: TrainingInfo | None = None) -> dict[str, str]:
    """Everything that the embeddings of one model are made from."""
    return {
        **context.data_hashes,
        "base": context.base_fingerprint,
        "weights": "none" if training is None else training.weights_sha256,
        "device": context.device,
        "packages": versions(*MODELS),
        "code": code_version("embedding_stage"),
    }


def embedding_job(context: RunContext, artifact: str, trained: Path | None = None) -> EncodingJob:
    """What has to be encoded for one model of a run.

    Args:
        context: The run.
        artifact: Name that the files carry.
        trained: Folder of the trained model; None for the base model.
    """
    return EncodingJob(
        pair_sets=context.pair_sets,
        folder=free_name(context.paths.encoding(artifact), is_folder),
        base=context.base,
        device=context.device,
        trained=trained,
        name=artifact,
        reporter=context.reporter,
        check_root=context.lock.check,
        root_lost=context.lock.lost,
    )


def _load(context: RunContext, artifact: str) -> dict[Split, NDArray[np.float32]]:
    """The arrays of one model.

    Raises:
        MissingStageError: They were not made.
        ArtifactError: A file is damaged, or belongs to other data or to another model.
    """
    width = None if artifact == BASELINE else _width_of_baseline(context)
    found = {}
    for split, pairs in context.pair_sets.items():
        found[split] = read_array(context.paths.embeddings(artifact, split), (len(pairs), 2, width))
        width = found[split].shape[2]
    return found


def _width_of_baseline(context: RunContext) -> int | None:
    """Dimensions of the base model's embeddings, which training does not change; None before there are any."""
    split, pairs = next(iter(context.pair_sets.items()))
    path = context.paths.embeddings(BASELINE, split)
    if not path.exists():
        return None
    return int(read_array(path, (len(pairs), 2, None)).shape[2])
