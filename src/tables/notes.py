"""Sentences below tables: how intervals were made, and which choices were made on which pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..core.paths import BASELINE, TUNED_LORA
from ..models import SelectOn
from ..wording import judged as wording
from ..wording.intervals import IN_BRACKETS, counted
from ..wording.search import chosen_recipe
from .selection import model_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..models import CheckpointSelection, Evaluation, TrainingInfo, Words

_SHALLOW_BASELINES = (
    "Shallow baselines are fitted on the training pairs. They look at words, length or category and use no embedding "
    "model, so a fine-tuned model must beat them. CV is cross-validation on train without a text in two folds, and "
    "the best baseline is that with the highest {ranking} there."
)
_STEP = (
    "The kept step of each training is the one with the best Spearman on these eval pairs, so the scores on them are "
    "optimistic."
)
_OPTIMISM = "By how much the AUC is expected to be too high:"
_RATE = (
    "The learning rate of lora-tuned was chosen once, on the eval pairs of a template-made data set "
    "(docs/adr-001-lora-vs-standard.md)."
)
_CHALLENGE = "No step, threshold or learning rate was chosen on the challenge set."


def shallow_note(words: Words) -> str:
    """What shallow baselines are, and which one is the best."""
    return words.fill(_SHALLOW_BASELINES)


def selection_note(evaluations: Sequence[Evaluation]) -> str:
    """Which choices were made on which pairs; scores on the same pairs are optimistic.

    Args:
        evaluations: Those that a table shows; of the base model nothing was chosen.
    """
    trained = [one for one in evaluations if one.model != BASELINE and one.judged is None]
    judged = [model_name(one.model) for one in evaluations if one.judged is not None]
    on_validation = [one for one in trained if one.selection and one.selection.select_on is SelectOn.VALIDATION]
    on_test = [one for one in trained if one not in on_validation]
    known = [f"{model_name(one.model)} {optimism(one.selection)}" for one in on_test if one.selection]
    parts = [
        *([_STEP] if on_test else []),
        *([f"{_OPTIMISM} {', '.join(known)}."] if known else []),
        *(f"{', '.join(names)}: {text}" for text, names in _by_text(on_validation).items()),
        *(
            f"{model_name(one.model)}: {chosen_recipe(one.selection.recipes)}"
            for one in trained
            if one.selection and one.selection.recipes
        ),
        *([_RATE] if any(one.model == TUNED_LORA for one in trained) else []),
        *([_CHALLENGE] if trained or not judged else []),
        *([wording.of_models(judged)] if judged else []),
    ]
    return " ".join(parts)


def _by_text(evaluations: Sequence[Evaluation]) -> dict[str, list[str]]:
    """How validation chose, to the names of the models of which it is true."""
    found: dict[str, list[str]] = {}
    for one in evaluations:
        if one.selection:
            found.setdefault(validation(one.selection), []).append(model_name(one.model))
    return found


def optimism(chosen: CheckpointSelection) -> str:
    """By how much the best of several evaluations is expected to be too high, and of how many it is the best."""
    return f"{formats.number(chosen.optimism)} (best of {formats.count(chosen.compared)} evaluations)"


def validation(chosen: CheckpointSelection) -> str:
    """How validation chose the kept step."""
    best = f"the kept step is the best of {formats.count(chosen.compared)} evaluations on"
    if chosen.from_file:
        return f"{best} the {formats.count(chosen.n)} pairs of the validation file. No eval pair chose it."
    return (
        f"{best} {formats.count(chosen.n)} train pairs that were set aside; the model was then trained again on all of "
        "them. No eval pair chose it."
    )


def measured_on(trainings: Iterable[TrainingInfo]) -> str:
    """On which pairs the evaluations during some trainings were made."""
    names = {SelectOn.TEST: "eval pairs", SelectOn.VALIDATION: "validation pairs"}
    known = {training.config.select_on for training in trainings}
    return " or ".join(name for kind, name in names.items() if kind in known) or names[SelectOn.TEST]


def interval_note(evaluations: Sequence[Evaluation]) -> str:
    """What stands in brackets, and how much the eval pairs say."""
    first = next(iter(evaluations), None)
    if first is None:
        return IN_BRACKETS
    return f"{IN_BRACKETS} {counted(first.eval_data.n, first.n_texts, first.effective_texts)}"
