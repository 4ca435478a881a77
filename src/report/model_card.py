"""`eval/model_card.md`: the candidate's model card as the Hub reads it, with results, decision, data and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from ..core import formatting as formats
from ..core.paths import CHALLENGE
from ..evaluation.metric_registry import metric_label
from ..tables.decision import decision_table
from ..tables.export import export_table
from ..tables.provenance import data_table
from ..tables.scores import score_table
from ..tables.thresholds import threshold_table
from ..wording.model_card import EXPORTED, LIMITS, NO_CHALLENGE, NO_GUARD, ONE_SEED
from .markdown import opening, render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..models import ComparisonResult, DataFile, Estimate, Evaluation, Export, ModelSummary

_LOADING = "```python"  # what begins the last part of a card
_TASK, _DATASET = "sentence-similarity", "labelled-pairs"


def card_markdown(card: str, result: ComparisonResult) -> str:
    """A model card with the decision on the model, its scores beside the base model's, its threshold and its data.

    The header holds the scores as a `model-index`, which the Hub shows beside the model.

    Args:
        card: The card that its training wrote.
        result: The comparison that decided on it.
    """
    base, verdict = result.models[0].evaluation, result.verdict
    model = next(model for model in result.models if model.name == verdict.decision.candidate)
    found, labelled = model.evaluation, result.eval_data.has_labels
    tables = (
        score_table([base, found], [result.models[0], model]),
        *([threshold_table([found])] if labelled else []),
        data_table((("train", found.train_data), ("test", found.eval_data), ("challenge", found.challenge_data))),
    )
    made = ModelCard(card)
    made.data = ModelCardData(
        **vars(made.data)
        | {
            "model_name": model.training.config.name if model.training else model.name,
            "eval_results": list(_results(found)),
        },
    )
    sections = [
        made.text.strip(),
        "## May it be shipped?",
        *opening(verdict),
        render(decision_table(verdict.decision)),
        *map(render, tables),
        "## Limits",
        "\n".join(f"- {limit}" for limit in _limits(model, result)),
        f"`{verdict.line}`",
    ]
    made.text = "\n\n" + "\n\n".join(section for section in sections if section) + "\n"
    return str(made).rstrip("\n") + "\n"


def _limits(model: ModelSummary, result: ComparisonResult) -> Iterator[str]:
    """What the numbers do not tell, as far as nothing else was measured."""
    yield from LIMITS
    if model.name not in {recipe.model for recipe in result.seeds.recipes}:
        yield ONE_SEED
    if not model.guards:
        yield NO_GUARD
    if model.evaluation.challenge is None:
        yield NO_CHALLENGE


def _results(evaluation: Evaluation) -> Iterator[EvalResult]:
    """The scores on the test pairs, and the deciding metric on the challenge set."""
    for estimate in evaluation.estimates:
        yield from _result(evaluation.eval_data, "test", estimate)
    if evaluation.challenge and evaluation.challenge_data:
        yield from _result(evaluation.challenge_data, CHALLENGE, evaluation.challenge.ranking)


def _result(data: DataFile, split: str, estimate: Estimate) -> Iterator[EvalResult]:
    if estimate.value is None:
        return
    interval = None if estimate.low is None else {"low": estimate.low, "high": estimate.high, "confidence": 0.95}
    yield EvalResult(
        task_type=_TASK,
        dataset_type=_DATASET,
        dataset_name=f"{data.name}, {formats.count(data.n)} pairs",
        dataset_split=split,
        dataset_args={"sha256": data.sha256},
        metric_type=estimate.name,
        metric_name=metric_label(estimate.name),
        metric_value=estimate.value,
        metric_args=interval,
    )


def exported_card(card: str, found: Export) -> str:
    """A model card that says what the model was exported as, what that cost, and how it is loaded now.

    Args:
        card: The card of the model of the run.
        found: The export.
    """
    made = ModelCard(card)
    made.data = ModelCardData(**vars(made.data) | {"library_name": "sentence-transformers"})
    about, _, _ = made.text.partition(_LOADING)
    sections = [about.strip(), render(export_table(found)), EXPORTED[found.format].format(file=found.file)]
    made.text = "\n\n" + "\n\n".join(sections) + "\n"
    return str(made).rstrip("\n") + "\n"
