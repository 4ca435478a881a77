"""Sentences below tables: how intervals were made, and which choices were made on which pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.paths import TUNED_LORA
from ..wording.intervals import IN_BRACKETS, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..models import Evaluation, Words

_SHALLOW_BASELINES = (
    "Shallow baselines are fitted on the training pairs. They look at words, length or category and use no embedding "
    "model, so a fine-tuned model must beat them. CV is cross-validation on train without a text in two folds, and "
    "the best baseline is that with the highest {ranking} there."
)
_STEP = (
    "The kept step of each training is the one with the best Spearman on these eval pairs, so the scores on them are "
    "optimistic."
)
_RATE = (
    "The learning rate of lora-tuned was chosen once, on the eval pairs of a template-made data set "
    "(docs/adr-001-lora-vs-standard.md)."
)
_CHALLENGE = "No step, threshold or learning rate was chosen on the challenge set."


def shallow_note(words: Words) -> str:
    """What shallow baselines are, and which one is the best."""
    return words.fill(_SHALLOW_BASELINES)


def selection_note(models: Iterable[str]) -> str:
    """Which choices were made on which pairs; scores on the same pairs are optimistic.

    Args:
        models: Names of the models that a table shows.
    """
    return " ".join([_STEP, *([_RATE] if TUNED_LORA in models else []), _CHALLENGE])


def interval_note(evaluations: Sequence[Evaluation]) -> str:
    """What stands in brackets, and how much the eval pairs say."""
    first = next(iter(evaluations), None)
    if first is None:
        return IN_BRACKETS
    return f"{IN_BRACKETS} {counted(first.eval_data.n, first.n_texts, first.effective_texts)}"
