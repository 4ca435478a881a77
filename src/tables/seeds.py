"""What several seeds of a recipe say: means, their intervals, and the spread of the seeds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..core.paths import CHALLENGE
from ..evaluation.metric_registry import metric_label
from ..models import SeedsResult
from ..wording import seeds as wording
from .selection import model_name, reference_label
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..models import ComparisonResult, OverSeeds, RecipeSeeds

ONE_SEED = SeedsResult()
_SPREAD = (
    "Numbers and intervals are those of the files of the first seed; beside them stands the standard deviation of the "
    "seeds of a recipe that has several."
)


def seeds_tables(result: ComparisonResult) -> tuple[Table, ...]:
    """All that several seeds say; nothing where each recipe has one."""
    if not result.seeds.recipes:
        return ()
    return (seeds_table(result), *([between_table(result)] if result.seeds.between else []))


def seeds_table(result: ComparisonResult) -> Table:
    """Metrics x recipes: the mean over the seeds, and below it the mean difference to the reference."""
    recipes = result.seeds.recipes
    reference = reference_label(result.models)
    metrics = dict.fromkeys(found.metric for recipe in recipes for found in recipe.estimates)
    rows = [row for metric in metrics for row in _of_metric(metric, recipes, reference)]
    rows += _of_challenge(recipes, reference)
    return table("Over the seeds", ("Metric", *(model_name(one.model) for one in recipes)), rows, _note(recipes))


def between_table(result: ComparisonResult) -> Table:
    """Each two recipes, over the seeds that both have."""
    rows = [
        (
            f"{model_name(found.model)} minus {model_name(found.against)}",
            metric_label(found.difference.metric),
            _change(found.difference),
            formats.count(len(found.seeds)),
            formats.plain_name(found.difference.outcome),
        )
        for found in result.seeds.between
    ]
    return table("Recipes beside each other, over the seeds", ("Recipes", "Metric", "Difference", "Seeds", ""), rows)


def with_spread(found: Cell, seeds: SeedsResult, model: str, metric: str = "", *, changed: bool = False) -> Cell:
    """A cell with how far the seeds of its recipe are apart; as it is where the recipe has one seed.

    Args:
        found: A number of one model with its interval.
        seeds: What several seeds say.
        model: Artifact name.
        metric: Its name; empty for what models are compared by, on the challenge set.
        changed: Whether the number is a difference to the reference.
    """
    recipe = next((one for one in seeds.recipes if one.model == model), None)
    if recipe is None:
        return found
    over = recipe.challenge_difference if changed else recipe.challenge
    if metric:
        over = recipe.difference(metric) if changed else recipe.estimate(metric)
    if over is None or over.deviation is None:
        return found
    note = ", ".join(filter(None, (found.note, wording.deviation(formats.number(over.deviation)))))
    return replace(found, note=note, kind=f"{found.kind} wrapped".strip())


def spread_note(seeds: SeedsResult) -> str:
    """What stands beside the intervals; empty where each recipe has one seed."""
    return _SPREAD if seeds.recipes else ""


def seeds_note(result: ComparisonResult) -> str:
    """What one seed cannot show; empty where there are several, or where nothing was trained."""
    trained = any(model.training for model in result.models)
    return wording.ONE_SEED if trained and not result.seeds.recipes else ""


def _note(recipes: Sequence[RecipeSeeds]) -> str:
    return wording.of_recipes(list(dict.fromkeys(seed for recipe in recipes for seed in recipe.seeds)))


def _of_metric(metric: str, recipes: Sequence[RecipeSeeds], reference: str) -> Iterator[list[Cell | str]]:
    yield [metric_label(metric), *(_mean(recipe.estimate(metric)) for recipe in recipes)]
    yield [f"{metric_label(metric)}, minus {reference}", *(_change(recipe.difference(metric)) for recipe in recipes)]


def _of_challenge(recipes: Sequence[RecipeSeeds], reference: str) -> Iterator[list[Cell | str]]:
    metric = next((recipe.challenge.metric for recipe in recipes if recipe.challenge), None)
    if metric is not None:
        name = f"{formats.capitalised(CHALLENGE)}: {metric_label(metric)}"
        yield [name, *(_mean(recipe.challenge) for recipe in recipes)]
        yield [f"{name}, minus {reference}", *(_change(recipe.challenge_difference) for recipe in recipes)]


def _mean(found: OverSeeds | None) -> Cell:
    if found is None:
        return Cell("")
    return cell(formats.number(found.mean), found.reason, _spread(found, formats.interval(found.low, found.high)))


def _change(found: OverSeeds | None) -> Cell:
    if found is None:
        return Cell("")
    return cell(
        formats.signed(found.mean), found.reason, _spread(found, formats.signed_interval(found.low, found.high))
    )


def _spread(found: OverSeeds, limits: str) -> str:
    """The interval, and how far the seeds are apart."""
    told = "" if found.deviation is None else wording.deviation(formats.number(found.deviation))
    return ", ".join(filter(None, (limits, told)))
