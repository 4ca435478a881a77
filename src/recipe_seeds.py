"""What several seeds of a recipe say: the models of the other seeds are embedded, and measured in the comparison."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from .core.paths import artifact_name
from .embedding_stage import embedding_stage
from .evaluation.estimates import ranking_metric, scored
from .evaluation.metric_registry import metrics_of
from .evaluation.over_seeds import difference_over_seeds, over_seeds
from .metrics import best_threshold, cosine_similarities
from .models import RecipeDifference, RecipeSeeds, SeedsResult, Split
from .post_training_eval import evaluation_stage, names_to_evaluate
from .training_stage import known_seeds, read_training

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from .evaluation.metric_registry import Scored
    from .models import Evaluation, TrainConfig
    from .workflow.context import RunContext
    from .workflow.stage import Stage

    Measured = Mapping[Split, Mapping[str, Scored]]  # by artifact name

COMMAND, ALL = "evaluate", "all"


def evaluate_trained(context: RunContext, mode: str | None, name: str | None) -> list[Evaluation]:
    """Evaluate trainings; where all are asked for, the models of other seeds are embedded, for the comparison.

    Args:
        context: The run.
        mode: The training of this name, or all; None for all.
        name: One training by its name.

    Raises:
        UserInputError: Both a mode and a name were given.
        MissingStageError: There is no such training.
    """
    found = [evaluation_stage(context, one).ensure() for one in names_to_evaluate(context, mode, name)]
    if name is None and mode in (None, ALL):
        for stage in embed_seeds(context):
            stage.ensure()
    return found


def embed_seeds(context: RunContext, *, verify: bool = True) -> list[Stage[dict[Split, NDArray[np.float32]]]]:
    """The stages that embed the pairs with the models of the other seeds.

    Args:
        context: The run.
        verify: Look at all vectors when they are read, instead of at type, shape and size only.
    """
    return [_stage(context, recipe, verify=verify) for recipe in _others(context)]


def seeds_inputs(context: RunContext) -> dict[str, str]:
    """What the numbers over seeds are made from: the models of the other seeds.

    Raises:
        MissingStageError: A model was not embedded, or what it was made from changed since.
    """
    for stage in embed_seeds(context):
        stage.require()
    return {f"weights of {one.name}": read_training(context, one.name).weights_sha256 for one in _others(context)}


def compare_seeds(context: RunContext, measured: Measured, against: str) -> SeedsResult:
    """The mean of every recipe over its seeds, its difference to the reference, and those of the recipes.

    Args:
        context: The run.
        measured: By split the models that the comparison shows, by artifact name; they are of the first seed.
        against: Artifact name of the reference.
    """
    known = {artifact_name(name): recipes for name, recipes in known_seeds(context).items()}
    known = {name: recipes for name, recipes in known.items() if name in measured[Split.TEST]}
    of = {
        split: {name: _seeds_of(context, split, models[name], recipes) for name, recipes in known.items()}
        for split, models in measured.items()
    }
    references = {split: of[split].get(against, [models[against]]) for split, models in measured.items()}
    return SeedsResult(
        recipes=tuple(
            _recipe(name, recipes, of, references, is_reference=name == against) for name, recipes in known.items()
        ),
        between=tuple(_between(known, of[Split.TEST])),
    )


def _others(context: RunContext) -> Iterator[TrainConfig]:
    """The recipes with other seeds than the first."""
    for recipes in known_seeds(context).values():
        yield from recipes[1:]


def _stage(context: RunContext, recipe: TrainConfig, *, verify: bool) -> Stage[dict[Split, NDArray[np.float32]]]:
    training = read_training(context, recipe.name, verify=verify)
    return embedding_stage(context, artifact_name(recipe.name), COMMAND, training, verify=verify)


def _seeds_of(context: RunContext, split: Split, first: Scored, recipes: Sequence[TrainConfig]) -> list[Scored]:
    """The scores of a recipe's models on the same pairs, one of each seed."""
    found = [first]
    for recipe in recipes[1:]:
        vectors = _stage(context, recipe, verify=False).read()
        threshold = (
            _threshold(context, recipe, vectors) if split is Split.TEST and first.threshold is not None else None
        )
        found.append(scored(cosine_similarities(vectors[split]), first.sample, threshold))
    return found


def _threshold(context: RunContext, recipe: TrainConfig, vectors: Mapping[Split, NDArray[np.float32]]) -> float | None:
    """The operating threshold of a model, fitted as an evaluation fits it."""
    choice = read_training(context, recipe.name, verify=False).choice
    if choice is not None and choice.threshold is not None:
        return choice.threshold
    return best_threshold(cosine_similarities(vectors[Split.TRAIN]), context.pair_sets[Split.TRAIN].labels)


def _recipe(
    name: str,
    recipes: Sequence[TrainConfig],
    of: Mapping[Split, Mapping[str, list[Scored]]],
    references: Mapping[Split, list[Scored]],
    *,
    is_reference: bool,
) -> RecipeSeeds:
    """What the seeds of one recipe say."""
    test, challenge = of[Split.TEST][name], of.get(Split.CHALLENGE, {}).get(name)
    sample = test[0].sample
    shown = [one for one in metrics_of(graded=sample.grades is not None, labelled=sample.has_labels) if one.influence]
    of_challenge = (
        {} if challenge is None else {"challenge": over_seeds(ranking_metric(challenge[0].sample), challenge)}
    )
    if challenge is not None and not is_reference:
        metric = ranking_metric(challenge[0].sample)
        of_challenge["challenge_difference"] = difference_over_seeds(metric, challenge, references[Split.CHALLENGE])
    changes = () if is_reference else (difference_over_seeds(one, test, references[Split.TEST]) for one in shown)
    return RecipeSeeds(
        model=name,
        seeds=tuple(recipe.seed for recipe in recipes),
        estimates=tuple(over_seeds(one, test) for one in shown),
        differences=tuple(changes),
        **of_challenge,
    )


def _between(known: Mapping[str, Sequence[TrainConfig]], of: Mapping[str, list[Scored]]) -> Iterator[RecipeDifference]:
    """Each two recipes over the seeds that both have."""
    by_seed = {name: dict(zip((one.seed for one in known[name]), of[name], strict=True)) for name in known}
    for other, name in combinations(known, 2):
        seeds = tuple(seed for seed in by_seed[name] if seed in by_seed[other])
        if len(seeds) > 1:
            ours, theirs = ([by_seed[which][seed] for seed in seeds] for which in (name, other))
            found = difference_over_seeds(ranking_metric(ours[0].sample), ours, theirs)
            yield RecipeDifference(model=name, against=other, seeds=seeds, difference=found)
