"""What one seed and several seeds say of a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ONE_SEED = (
    "Each recipe was trained with one seed: these numbers are about the trained files. How far another seed would move "
    "them is not known; --seeds shows it."
)


def of_recipes(seeds: Sequence[int]) -> str:
    """What the numbers over seeds are about."""
    names = ", ".join(map(str, seeds))
    return (
        f"Means over the seeds {names}; in brackets 95 % intervals over seeds and pairs: what the recipe gives with "
        "other seeds, on other pairs. The other tables and the decision are about the files of the first seed."
    )


def deviation(text: str) -> str:
    """How far single seeds are from their mean."""
    return f"seeds deviate by {text}"
