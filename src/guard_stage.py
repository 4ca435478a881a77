"""Stages `guard...`: each model's embeddings of pairs of another kind, made once by the comparison that needs them.

A guard has a stage for each model, so that one more guard, or one more model, leaves the others as they are.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from .core.errors import MissingStageError
from .metrics import cosine_similarities
from .models import GENERAL_ENGLISH
from .other_pairs_stage import other_pairs_stage, read_or_made

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from .data.guards import Guard
    from .embedding_stage import ModelSource
    from .other_pairs_stage import Embeddings
    from .workflow.context import RunContext
    from .workflow.stage import Stage

    Scores = dict[str, NDArray[np.float64]]  # artifact name to (N,) cosines

COMMAND = "compare"
_KEY_LENGTH = 12


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
