"""Stages that keep one model's embeddings of pairs beside those that every model embeds, each made once when needed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .embedding.sharded import encode_splits
from .embedding.stored import read_embeddings
from .embedding_stage import embedding_inputs, embedding_job, forget_shards, has_unit_length
from .models import Split, StageState
from .workflow.code_version import code_version
from .workflow.stage import Stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .core.paths import ProjectPaths
    from .embedding_stage import ModelSource
    from .models import PairSet
    from .workflow.context import RunContext

    Embeddings = NDArray[np.float32]


def other_pairs_stage(
    context: RunContext, key: str, pairs: PairSet, artifact: str, source: ModelSource | None, *, command: str
) -> Stage[Embeddings]:
    """One model's embeddings of some pairs, a memory-mapped array of shape (N, 2, D), float32.

    Args:
        context: The run.
        key: What the stage and its file are called by.
        pairs: The pairs.
        artifact: Name that the model's files carry.
        source: The training, or the model that was trained elsewhere; None for the base model.
        command: The command that makes them.
    """

    def make(paths: ProjectPaths, fingerprint: str) -> None:
        job = replace(embedding_job(context, artifact, source), pair_sets={Split.TEST: pairs})
        made = encode_splits(job, fingerprint)
        target = paths.embeddings(artifact, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        made[Split.TEST].replace(target)
        forget_shards(made)

    def inputs() -> dict[str, str]:
        of_model = embedding_inputs(context, source)
        return {
            "pairs": pairs.content_sha256,
            **{name: of_model[name] for name in of_model if name not in context.data_hashes},
            "code": code_version("other_pairs_stage"),
        }

    def load() -> Embeddings:
        path, shape = context.paths.embeddings(artifact, key), (len(pairs), 2, None)
        return read_embeddings(path, shape, unit_length=has_unit_length(context, artifact))

    return Stage(context=context, name=f"{key}-{artifact}", command=command, inputs=inputs, make=make, load=load)


def read_or_made(stage: Stage[Embeddings]) -> Embeddings:
    """The embeddings of a stage; made now where they are missing or stale.

    Raises:
        MissingStageError: They have to be made, and the model is gone.
    """
    return stage.read() if stage.status().state is StageState.FRESH else stage.ensure()
