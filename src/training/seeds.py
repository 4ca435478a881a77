"""One recipe with several seeds: what its trainings are called, and which trainings belong together."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..core.errors import NAME_LIMIT, UserInputError, printable
from ..core.paths import checked_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..models import TrainConfig

HIGHEST = 2**32 - 1
_DIGITS = len(str(HIGHEST))
_MARK = "-seed"


def parse_seeds(text: str) -> tuple[int, ...]:
    """The seeds of `--seeds 42,43,44`, in their order.

    Raises:
        UserInputError: One is no seed, or is named twice.
    """
    given, named = printable(text, NAME_LIMIT), [part.strip() for part in text.split(",")]
    for part in named:
        if not (part.isascii() and part.isdecimal() and len(part) <= _DIGITS and int(part) <= HIGHEST):
            shown = printable(repr(part), NAME_LIMIT)
            raise UserInputError(f"--seeds {given}: {shown} is no seed; give whole numbers such as 42,43,44")
    seeds = tuple(map(int, named))
    if len(set(seeds)) < len(seeds):
        raise UserInputError(f"--seeds {given}: a seed is named twice; name each once")
    return seeds


def with_seeds(recipes: Iterable[TrainConfig], seeds: Sequence[int]) -> list[TrainConfig]:
    """Every recipe once a seed; the first seed keeps the recipe's name, the others add theirs to it.

    Args:
        recipes: Each with the first of the seeds.
        seeds: At least one.

    Raises:
        UserInputError: A name becomes too long.
    """
    return [
        recipe if seed == seeds[0] else recipe.model_copy(update={"name": _name(recipe.name, seed), "seed": seed})
        for recipe in recipes
        for seed in seeds
    ]


def by_recipe(trainings: Iterable[TrainConfig]) -> dict[str, tuple[TrainConfig, ...]]:
    """The trainings, those of one recipe together, by the name of the first.

    A training belongs to another one whose name it has with `-seed` and its seed behind it, if that is all that tells
    the two apart.
    """
    known = {training.name: training for training in trainings}
    found: dict[str, list[TrainConfig]] = defaultdict(list)
    for name, training in known.items():
        first = _first(training, known)
        found[name if first is None else first].append(training)
    return {name: tuple(sorted(of, key=lambda one: one.name != name)) for name, of in found.items()}


def _first(training: TrainConfig, known: dict[str, TrainConfig]) -> str | None:
    name, mark, seed = training.name.rpartition(_MARK)
    first = known.get(name)
    if not mark or first is None or seed != str(training.seed):
        return None
    alike = training.model_copy(update={"name": first.name, "seed": first.seed}) == first
    return first.name if alike and first.seed != training.seed else None


def _name(name: str, seed: int) -> str:
    return checked_name(f"{name}{_MARK}{seed}")
