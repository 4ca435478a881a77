"""Stages `validation-...`: each model's embeddings of the validation file, which the reports alone show.

They are no part of a model's other embeddings, so that a changed validation file leaves those as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .core.errors import MissingStageError
from .metrics import cosine_similarities
from .models import Split
from .other_pairs_stage import other_pairs_stage, read_or_made

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from .embedding_stage import ModelSource
    from .models import PairSet
    from .other_pairs_stage import Embeddings
    from .workflow.context import RunContext
    from .workflow.stage import Stage

    Scores = dict[str, NDArray[np.float64]]  # artifact name to (N,) cosines


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
