"""Both reports of made results, with the cosines that their numbers were made from."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from src.report.pages import baseline_page, comparison_page
from tests.support.factories import make_comparison, make_cosines, make_evaluation, make_pairs

if TYPE_CHECKING:
    from src.models import ComparisonResult, Evaluation, PairSet


def text_of(page: str) -> str:
    """A page without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def made_baseline(
    evaluation: Evaluation | None = None, pairs: PairSet | None = None, *, seed: int = 42, redact: bool = False
) -> str:
    """The report on the base model, as HTML."""
    pairs = make_pairs() if pairs is None else pairs
    evaluation = make_evaluation(pairs=pairs) if evaluation is None else evaluation
    return baseline_page(evaluation, pairs, make_cosines(pairs, evaluation.model), seed=seed, redact=redact)


def made_comparison(
    result: ComparisonResult | None = None, pairs: PairSet | None = None, *, seed: int = 42, redact: bool = False
) -> str:
    """The report on the trainings, as HTML."""
    pairs = make_pairs() if pairs is None else pairs
    result = make_comparison(pairs=pairs) if result is None else result
    scores = {model.name: make_cosines(pairs, model.name) for model in result.models}
    return comparison_page(result, pairs, scores, seed=seed, redact=redact)
