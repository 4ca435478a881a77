"""Sentences about a training."""

from __future__ import annotations


def short_warmup(wanted: int, steps: int, taken: int) -> str:
    """A warm-up that was shortened.

    Args:
        wanted: Its steps in the recipe.
        steps: Those of the whole training.
        taken: Those that it has.
    """
    return f"warm-up shortened from {wanted} steps to {taken}, a tenth of the {steps} steps of the training"


def adapted(name: str, targets: list[str], n: int) -> str:
    """What LoRA adapts.

    Args:
        name: The training's.
        targets: The last names of the modules.
        n: How many modules there are of these names.
    """
    return f"{name}: LoRA adapts {n} modules: {', '.join(targets)}; all other weights stay frozen"


def unchanged(name: str) -> str:
    """A training that changed nothing."""
    return f"{name}: the training changed nothing; embeddings equal the base model's"
