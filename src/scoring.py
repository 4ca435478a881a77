"""Command `score`: the cosine of given pairs under one model, and the verdict at that model's threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .baseline_analysis import baseline_stage
from .core.errors import UserInputError
from .core.paths import BASELINE
from .data.mapped_pairs import load_mapped_texts, text_fault
from .data_loader import check_text, load_texts
from .embedding.encoder import encode_texts, refuse_without_direction
from .embedding.loading import loaded_model
from .evaluation.cost_threshold import cost_threshold
from .judged_stage import folder_to_embed_with
from .metrics import cosine_similarities
from .models import PairScore
from .post_training_eval import evaluation_stage
from .wording.cost_threshold import why_none

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .models import Costs, Evaluation
    from .workflow.context import RunContext


def texts_to_score(
    context: RunContext, text_1: str | None, text_2: str | None, source: Path | None
) -> list[tuple[str, str]]:
    """The pairs that the user gave, as two texts or as a file: JSON Lines, or any data file of the pairs profile.

    Raises:
        UserInputError: Neither or both were given, or a text has no speaker.
    """
    if source is not None:
        if text_1 is not None:
            raise UserInputError("give two texts or --input, not both; leave one out")
        if context.profile.has_speakers:
            return load_texts(source)
        return load_mapped_texts(source, context.data, "--input names a file of pairs", context.reporter.say)
    if text_1 is None or text_2 is None:
        example = 'score "boy: ..." "girl: ..."' if context.profile.has_speakers else "score TEXT_1 TEXT_2"
        raise UserInputError(f"two texts are needed: {example}, or --input FILE.jsonl")
    fault_of = check_text if context.profile.has_speakers else text_fault
    for name, text in (("TEXT_1", text_1), ("TEXT_2", text_2)):
        if fault := fault_of(text):
            raise UserInputError(f"{name} {fault}")
    return [(text_1, text_2)]


def score_pairs(
    context: RunContext, pairs: Sequence[tuple[str, str]], name: str, costs: Costs | None = None
) -> list[PairScore]:
    """Score pairs with one model at its operating threshold, or at that which costs ask for.

    Labels that are grades without a cut have no threshold.

    Args:
        context: The run.
        pairs: Pairs of texts.
        name: Name of a training or of a judged model, or `baseline`.
        costs: Of a wrong call; None takes the operating threshold.

    Raises:
        MissingStageError: That model was not evaluated, or it was trained elsewhere and its folder is gone.
        UserInputError: It has no such threshold.
    """
    return context.consistent_read(lambda: _score(context, pairs, name, costs))


def _score(context: RunContext, pairs: Sequence[tuple[str, str]], name: str, costs: Costs | None) -> list[PairScore]:
    evaluation = (baseline_stage(context) if name == BASELINE else evaluation_stage(context, name)).require()
    foreign = evaluation.judged is not None
    folder = None if name == BASELINE else context.paths.model(name)
    if foreign:
        folder = folder_to_embed_with(context, name)
    threshold = _threshold(evaluation) if costs is None else _cost_threshold(evaluation, costs)
    before = evaluation.prompts
    read = [(before.prompt_1 + a, before.prompt_2 + b) for a, b in pairs]
    texts = list(dict.fromkeys(text for pair in read for text in pair))
    row = {text: i for i, text in enumerate(texts)}
    with loaded_model(context.base, context.device, folder, foreign=foreign) as model:
        vectors = encode_texts(model, texts)
        del model
    refuse_without_direction(texts, vectors)
    embeddings = np.stack([np.stack([vectors[row[a]], vectors[row[b]]]) for a, b in read])
    return [
        PairScore(
            text_1=a,
            text_2=b,
            cosine=cosine,
            threshold=threshold,
            compatible=None if threshold is None else bool(cosine >= threshold),
            model=name,
            words=evaluation.eval_data.words,
        )
        for (a, b), cosine in zip(pairs, cosine_similarities(embeddings).tolist(), strict=True)
    ]


def _threshold(evaluation: Evaluation) -> float | None:
    """The model's threshold; None for grades without a cut, of which a cosine alone is told."""
    if not evaluation.eval_data.has_labels:
        return None
    if evaluation.operating_point is None:
        raise UserInputError(f"{evaluation.model} has no threshold: its training pairs have one label only")
    return evaluation.operating_point.threshold


def _cost_threshold(evaluation: Evaluation, costs: Costs) -> float:
    threshold = cost_threshold(evaluation.calibration, costs) if evaluation.calibration else None
    if threshold is None:
        why = why_none(evaluation.calibration) if evaluation.calibration else "it was not calibrated"
        raise UserInputError(f"{evaluation.model} has no threshold by costs: {why}; leave out costs and base rate")
    return threshold
