"""Both reports of made results, with the cosines that their numbers were made from."""

from __future__ import annotations

import dataclasses
import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from src.report.names import RunNames
from src.report.pages import baseline_page, comparison_page
from tests.support.factories import make_comparison, make_cosines, make_evaluation, make_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from src.models import ComparisonResult, Evaluation, PairSet


NAMES = RunNames(run="my-run", base_model="tiny-model", data="my-data/eval_pairs.jsonl")


def text_of(page: str) -> str:
    """A page without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def made_baseline(
    evaluation: Evaluation | None = None, pairs: PairSet | None = None, *, seed: int = 42, redact: bool = False
) -> str:
    """The report on the base model, as HTML."""
    pairs = make_pairs() if pairs is None else pairs
    evaluation = make_evaluation(pairs=pairs) if evaluation is None else evaluation
    return baseline_page(
        evaluation, pairs, make_cosines(pairs, evaluation.model), names=NAMES, seed=seed, redact=redact
    )


def made_comparison(
    result: ComparisonResult | None = None, pairs: PairSet | None = None, *, seed: int = 42, redact: bool = False
) -> str:
    """The report on the trainings, as HTML."""
    pairs = make_pairs() if pairs is None else pairs
    result = make_comparison(pairs=pairs) if result is None else result
    scores = {model.name: make_cosines(pairs, model.name) for model in result.models}
    return comparison_page(
        result, pairs, scores, names=NAMES, seed=seed, challenge=made_challenge(list(scores)), redact=redact
    )


def made_challenge(models: Sequence[str]) -> tuple[PairSet, dict[str, NDArray[np.float64]]]:
    """Sixty pairs of a challenge set, with the cosines of some models."""
    pairs = dataclasses.replace(make_pairs(60, seed=1), path=Path("challenge_pairs.jsonl"))
    return pairs, {name: make_cosines(pairs, name, seed=1) for name in models}
