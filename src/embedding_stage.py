"""Embeddings of one model for every split, made once and kept as `.npy`; reading them needs no torch."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from .core.errors import ArtifactError
from .core.paths import BASELINE
from .embedding.model_folder_checks import normalises
from .embedding.sharded import EncodingJob, encode_splits
from .embedding.stored import read_embeddings
from .judged_stage import folder_to_embed_with, judged_model
from .models import JudgedModel
from .storage.files import free_name, is_folder, read_array, remove_if_empty
from .workflow.code_version import code_version
from .workflow.environment import MODELS, versions
from .workflow.stage import Stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .core.paths import ProjectPaths
    from .models import Prompts, Split, TrainingInfo
    from .workflow.context import RunContext

    ModelSource = TrainingInfo | JudgedModel


def embedding_stage(
    context: RunContext, artifact: str, command: str, source: ModelSource | None = None, *, verify: bool = True
) -> Stage[dict[Split, NDArray[np.float32]]]:
    """Each split's embeddings of one model.

    The result maps each split to a memory-mapped array of shape (N, 2, D), float32.

    Args:
        context: The run.
        artifact: Name that the files carry.
        command: The command that makes them.
        source: The training whose model embeds, or the model that was trained elsewhere; None for the base model.
        verify: Look at all vectors when they are read, instead of at type, shape and size only.
    """

    def job() -> EncodingJob:
        return embedding_job(context, artifact, source)

    def make(paths: ProjectPaths, fingerprint: str) -> None:
        made = encode_splits(job(), fingerprint)
        _refuse_damaged_shards(context, artifact, made, command)
        for split, file in made.items():
            target = paths.embeddings(artifact, split)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
        forget_shards(made)

    return Stage(
        context=context,
        name=f"embeddings-{artifact}",
        command=command,
        inputs=lambda: embedding_inputs(context, source),
        make=make,
        load=lambda: _load(context, artifact, verify=verify),
        on_other_ranks=lambda fingerprint: encode_splits(job(), fingerprint),
    )


def embedding_inputs(context: RunContext, source: ModelSource | None = None) -> dict[str, str]:
    """Everything that the embeddings of one model are made from."""
    return {
        **context.data_hashes,
        "base": context.base_fingerprint,
        "weights": source_hash(source) if source else "none",
        "prompts": source_prompts(context, source).model_dump_json(),
        "device": context.device,
        "packages": versions(*MODELS),
        "code": code_version("embedding_stage"),
    }


def source_hash(source: ModelSource) -> str:
    """What a model is known by: its weights, and where others made it, all files that the libraries read."""
    return source.files_sha256 if isinstance(source, JudgedModel) else source.weights_sha256


def source_prompts(context: RunContext, source: ModelSource | None = None) -> Prompts:
    """What a model reads before each text of a pair.

    Args:
        context: The run.
        source: The training, or the model that was trained elsewhere; None for the base model.
    """
    if source is None:
        return context.base.prompts
    return source.prompts if isinstance(source, JudgedModel) else source.config.prompts(context.base.prompts)


def embedding_job(context: RunContext, artifact: str, source: ModelSource | None = None) -> EncodingJob:
    """What has to be encoded for one model of a run.

    Args:
        context: The run.
        artifact: Name that the files carry.
        source: The training, or the model that was trained elsewhere; None for the base model.

    Raises:
        MissingStageError: The folder of a model that was trained elsewhere is gone.
    """
    foreign = isinstance(source, JudgedModel)
    trained = None
    if isinstance(source, JudgedModel):
        trained = folder_to_embed_with(context, source.name)
    elif source is not None:
        trained = context.paths.model(source.config.name)
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
        foreign=foreign,
        prompts=source_prompts(context, source),
    )


def _refuse_damaged_shards(context: RunContext, artifact: str, files: dict[Split, Path], command: str) -> None:
    """Refuse files in which an earlier run left shards marked as done that hold no embeddings; forget all shards.

    Raises:
        ArtifactError: A file holds something else than embeddings.
    """
    unit_length = has_unit_length(context, artifact)
    try:
        for split, file in files.items():
            read_embeddings(file, (len(context.pair_sets[split]), 2, None), unit_length=unit_length)
    except ArtifactError as error:
        forget_shards(files)
        raise error.made_by(command) from None


def forget_shards(files: dict[Split, Path]) -> None:
    """Remove what is left of the shards that finished files were made from."""
    for folder in {file.parent for file in files.values()}:
        shutil.rmtree(folder, ignore_errors=True)
        remove_if_empty(folder.parent)


def _load(context: RunContext, artifact: str, *, verify: bool) -> dict[Split, NDArray[np.float32]]:
    """The arrays of one model.

    Raises:
        MissingStageError: They were not made.
        ArtifactError: A file is damaged, or belongs to other data or to another model.
    """
    width, unit_length = _width(context, artifact), has_unit_length(context, artifact)
    found = {}
    for split, pairs in context.pair_sets.items():
        path, shape = context.paths.embeddings(artifact, split), (len(pairs), 2, width)
        found[split] = read_embeddings(path, shape, unit_length=unit_length, verify=verify)
        width = found[split].shape[2]
    return found


def has_unit_length(context: RunContext, artifact: str) -> bool:
    """Whether a model's embeddings have length 1; of one that was trained elsewhere that is not asked."""
    return artifact not in context.judged and normalises(Path(context.base.source))


def _width(context: RunContext, artifact: str) -> int | None:
    """Dimensions of a model's embeddings; None where any will do."""
    if judged := judged_model(context, artifact):
        return judged.width
    return None if artifact == BASELINE else _width_of_baseline(context)


def _width_of_baseline(context: RunContext) -> int | None:
    """Dimensions of the base model's embeddings, which training does not change; None before there are any."""
    split, pairs = next(iter(context.pair_sets.items()))
    path = context.paths.embeddings(BASELINE, split)
    if not path.exists():
        return None
    return int(read_array(path, (len(pairs), 2, None)).shape[2])
