"""Stages that keep one model's embeddings of pairs beside those that every model embeds: guards, the validation file.

A guard has a stage for each model, made by the comparison that needs it, so that one more guard, or one more model,
leaves the others as they are. The validation file has one too, which the reports alone show.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from .core.errors import MissingStageError
from .embedding.sharded import EncodingJob, encode_splits
from .embedding.stored import read_embeddings
from .embedding_stage import embedding_inputs, embedding_job, forget_shards, has_unit_length
from .metrics import cosine_similarities
from .models import GENERAL_ENGLISH, Split, StageState
from .workflow.code_version import code_version
from .workflow.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from .core.paths import ProjectPaths
    from .data.guards import Guard
    from .embedding_stage import ModelSource
    from .models import PairSet
    from .workflow.context import RunContext

    Embeddings = NDArray[np.float32]
    Scores = dict[str, NDArray[np.float64]]  # artifact name to (N,) cosines

COMMAND = "compare"
_KEY_LENGTH = 12


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

    def job() -> EncodingJob:
        return replace(embedding_job(context, artifact, source), pair_sets={Split.TEST: pairs})

    def make(paths: ProjectPaths, fingerprint: str) -> None:
        made = encode_splits(job(), fingerprint)
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

    return Stage(
        context=context,
        name=f"{key}-{artifact}",
        command=command,
        inputs=inputs,
        make=make,
        load=load,
        on_other_ranks=lambda fingerprint: encode_splits(job(), fingerprint),
    )


def read_or_made(stage: Stage[Embeddings]) -> Embeddings:
    """The embeddings of a stage; made now where they are missing or stale.

    Raises:
        MissingStageError: They have to be made, and the model is gone.
    """
    return stage.read() if stage.status().state is StageState.FRESH else stage.ensure()


# --- guards ---------------------------------------------------------------------------------------------


def guard_stage(context: RunContext, guard: Guard, artifact: str, source: ModelSource | None) -> Stage[Embeddings]:
    """One model's embeddings of a guard, a memory-mapped array of shape (N, 2, D), float32.

    Args:
        context: The run.
        guard: The pairs.
        artifact: Name that the model's files carry.
        source: The training, or the model that was trained elsewhere; None for the base model.
    """
    key = f"guard{hashlib.sha256(guard.name.encode('utf-8', 'surrogatepass')).hexdigest()[:_KEY_LENGTH]}"
    return other_pairs_stage(context, key, guard.pairs, artifact, source, command=COMMAND)


def guard_scores(context: RunContext, sources: Mapping[str, ModelSource | None]) -> dict[str, Scores]:
    """Cosines of the pairs that each guard measures, by guard and artifact name; made now where they are missing.

    A model whose folder is gone is left out, and told.

    Args:
        context: The run.
        sources: By artifact name the training, or the model that was trained elsewhere; None for the base model.
    """
    if not any(guard.shipped for guard in context.guards):
        context.say_once(
            f"The pairs of {GENERAL_ENGLISH} are left out: the texts do not look English; --guard takes others"
        )
    found: dict[str, Scores] = {guard.name: {} for guard in context.guards}
    for artifact, source in sources.items():
        for guard in context.guards:
            stage = guard_stage(context, guard, artifact, source)
            try:
                embeddings = read_or_made(stage)
            except MissingStageError as error:
                context.say_once(f"{guard.name}: not measured with {artifact}: {error}")
                continue
            found[guard.name][artifact] = cosine_similarities(embeddings)[guard.kept]
    return found


# --- the validation file --------------------------------------------------------------------------------


def validation_stage(
    context: RunContext, pairs: PairSet, artifact: str, source: ModelSource | None, *, command: str
) -> Stage[Embeddings]:
    """One model's embeddings of the validation pairs, a memory-mapped array of shape (N, 2, D), float32.

    Args:
        context: The run.
        pairs: The validation pairs.
        artifact: Name that the model's files carry.
        source: The training, or the model that was trained elsewhere; None for the base model.
        command: The command that makes them.
    """
    return other_pairs_stage(context, Split.VALIDATION, pairs, artifact, source, command=command)


def validation_cosines(
    context: RunContext, sources: Mapping[str, ModelSource | None], command: str
) -> dict[Split, Scores]:
    """Cosines (N,) of the validation pairs by artifact name, under `Split.VALIDATION`; made now where they are missing.

    Args:
        context: The run.
        sources: By artifact name the training, or the model that was trained elsewhere; None for the base model.
        command: The command that shows them.

    Returns:
        Nothing where there is no validation file, or where a model's folder is gone, which is told.
    """
    pairs = context.validation_pairs
    if pairs is None:
        return {}
    stages = {name: validation_stage(context, pairs, name, source, command=command) for name, source in sources.items()}
    try:
        found = {name: cosine_similarities(read_or_made(stage)) for name, stage in stages.items()}
    except MissingStageError as error:
        context.say_once(f"The report does not show the validation pairs: {error}")
        return {}
    return {Split.VALIDATION: found}
