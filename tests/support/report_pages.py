"""Both reports of made results, with the cosines that their numbers were made from."""

from __future__ import annotations

import base64
import gzip
import html
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from src.models import Split
from src.report.names import RunNames
from src.report.pages import baseline_page, comparison_page
from src.views.on_splits import split_views
from tests.support.factories import make_comparison, make_cosines, make_evaluation, make_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from src.models import ComparisonResult, Evaluation, PairSet
    from src.views.on_splits import SplitView


NAMES = RunNames(run="my-run", base_model="tiny-model", data="my-data/eval_pairs.jsonl")


def text_of(page: str) -> str:
    """A page without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def unpacked(packed: str) -> str:
    """What a page holds packed, as text."""
    return gzip.decompress(base64.b85decode(str(packed).replace(",", "<"))).decode()


def made_baseline(
    evaluation: Evaluation | None = None, pairs: PairSet | None = None, *, seed: int = 42, redact: bool = False
) -> str:
    """The report on the base model, as HTML."""
    pairs = make_pairs() if pairs is None else pairs
    evaluation = make_evaluation(pairs=pairs) if evaluation is None else evaluation
    scores = make_cosines(pairs, evaluation.model)
    views = made_views([evaluation], pairs)
    return baseline_page(evaluation, pairs, scores, names=NAMES, seed=seed, redact=redact, views=views)


def made_comparison(
    result: ComparisonResult | None = None, pairs: PairSet | None = None, *, seed: int = 42, redact: bool = False
) -> str:
    """The report on the trainings, as HTML."""
    pairs = make_pairs() if pairs is None else pairs
    result = make_comparison(pairs=pairs) if result is None else result
    scores = {model.name: make_cosines(pairs, model.name) for model in result.models}
    views = made_views([model.evaluation for model in result.models], pairs)
    return comparison_page(
        result,
        pairs,
        scores,
        names=NAMES,
        seed=seed,
        challenge=made_challenge(list(scores)),
        redact=redact,
        views=views,
    )


@cache
def usual_comparison(*, redact: bool = False) -> str:
    """The report on the usual trainings, made once a process, because its charts take seconds."""
    return made_comparison(redact=redact)


def made_challenge(models: Sequence[str]) -> tuple[PairSet, dict[str, NDArray[np.float64]]]:
    """Sixty pairs of a challenge set, with the cosines of some models."""
    pairs = replace(make_pairs(60, seed=1), path=Path("challenge_pairs.jsonl"))
    return pairs, {name: make_cosines(pairs, name, seed=1) for name in models}


def made_views(evaluations: Sequence[Evaluation], pairs: PairSet | None = None) -> tuple[SplitView, ...]:
    """The models on train, test and challenge pairs, whose numbers differ."""
    sets = {
        Split.TRAIN: other_pairs("train", 500),
        Split.TEST: pairs or make_pairs(),
        Split.CHALLENGE: other_pairs("challenge", 50),
    }
    scores = {
        split: {one.model: make_cosines(found, one.model, seed) for one in evaluations}
        for seed, (split, found) in zip((1, 0, 2), sets.items(), strict=True)
    }
    return split_views(evaluations, sets, scores)


def other_pairs(split: str, n: int) -> PairSet:
    """Pairs of another split, whose texts name it."""
    texts = {
        side: [f"{who}: {split} pair number {i}" for i in range(n)]
        for side, who in (("text_1", "boy"), ("text_2", "girl"))
    }
    return replace(make_pairs(n, 3, **texts), path=Path(f"{split}.jsonl"))
