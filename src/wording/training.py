"""Sentences about a training."""

from __future__ import annotations


def short_warmup(wanted: int, steps: int, taken: int) -> str:
    """A warm-up that was shortened.

    Args:
        wanted: Its steps in the recipe.
        steps: Those of the whole training.
        taken: Those that it has.
    """
    return f"the warm-up has {taken} steps, a tenth of the training; {wanted} would not end within its {steps} steps"


def unchanged(name: str) -> str:
    """A training that changed nothing."""
    return f"{name}: the training changed nothing; embeddings equal the base model's"
