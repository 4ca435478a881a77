"""The stages that a command goes through, and which of them stages before them make again."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ..baseline_analysis import baseline_embeddings, baseline_stage
from ..comparison import comparison_stage
from ..core.errors import StageError
from ..core.paths import BASELINE, artifact_name
from ..embedding.encoder import distinct_texts
from ..embedding_stage import embedding_stage
from ..models import StageState
from ..other_pairs_stage import guard_stage, validation_stage
from ..post_training_eval import evaluation_stage
from ..quality_stage import quality_stage
from ..report_stage import baseline_report_stage, comparison_report_stage, quality_report_stage
from ..training.lora_targets import with_targets
from ..training_stage import check_given, read_training, training_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..embedding_stage import ModelSource
    from ..models import StageStatus, TrainConfig
    from ..workflow.context import RunContext
    from ..workflow.stage import Stage


def _no_texts() -> int:
    return 0


@dataclass(frozen=True)
class Work:
    """One stage of a command.

    Attributes:
        stage: Its name.
        status: Whether its result is up to date as things are now; raises StageError where that cannot be known.
        after: Names of the stages that it is made from; where one of them is made, this one is made too.
        recipe: How to train; None where nothing is trained.
        n_trials: How often it is trained for its numbers alone; 0 where the model is kept.
        timeout: Seconds after which no further trial begins.
        n_texts: How many texts it embeds, where it is made.
    """

    stage: str
    status: Callable[[], StageStatus]
    after: tuple[str, ...] = ()
    recipe: TrainConfig | None = None
    n_trials: int = 0
    timeout: float = math.inf
    n_texts: Callable[[], int] = _no_texts


def reasons(work: Sequence[Work]) -> dict[str, str]:
    """Why each stage is made, by its name; empty where its result is reused.

    Args:
        work: The stages, each behind those that it is made from.
    """
    found: dict[str, str] = {}
    for one in work:
        made = [name for name in one.after if found.get(name)]
        found[one.stage] = f"{made[0]} is made" if made else _reason(one)
    return found


def _reason(work: Work) -> str:
    try:
        status = work.status()
    except StageError as error:
        return str(error)
    return "" if status.state is StageState.FRESH else status.reason


def training_work(context: RunContext, recipes: Sequence[TrainConfig]) -> list[Work]:
    """The trainings of some recipes.

    Args:
        context: The run.
        recipes: How to train; none is done yet.

    Raises:
        UserInputError: One of them cannot be trained.
    """
    for recipe in recipes:
        check_given(context, recipe)
    stages = {recipe.name: training_stage(context, recipe.name, recipe) for recipe in recipes}
    return [
        Work(stages[recipe.name].name, stages[recipe.name].status, recipe=with_targets(recipe, context.base))
        for recipe in recipes
    ]


def work_of_run(
    context: RunContext, recipes: Sequence[TrainConfig], names: Sequence[str], other_seeds: Sequence[str]
) -> list[Work]:
    """Every stage of a run, in its order; the embeddings of a model stand before its evaluation.

    Args:
        context: The run.
        recipes: What it trains.
        names: The models that it compares.
        other_seeds: Trainings of other seeds, which it embeds with.
    """
    trained = [name for name in names if name not in context.judged]  # of a judged model it takes what is there
    made_from = [*(f"evaluate-{name}" for name in trained), *(_embeddings(name) for name in other_seeds)]
    return [
        _work(quality_stage(context)),
        _work(quality_report_stage(context), "evaluate-data"),
        *training_work(context, recipes),
        _work(baseline_embeddings(context), n_texts=lambda: _n_texts(context)),
        _work(baseline_stage(context), _embeddings("baseline")),
        *(work for name in trained for work in _evaluation_work(context, name)),
        *(_embedding_work(context, name) for name in other_seeds),
        _work(comparison_stage(context, names), "baseline", *made_from, n_texts=lambda: _guard_texts(context, trained)),
        _work(baseline_report_stage(context), "baseline", n_texts=lambda: _validation_texts(context, [])),
        _work(comparison_report_stage(context, names), "compare", n_texts=lambda: _validation_texts(context, trained)),
    ]


def _work(stage: Stage[Any], *after: str, n_texts: Callable[[], int] = _no_texts) -> Work:
    return Work(stage.name, stage.status, after, n_texts=n_texts)


def _embeddings(name: str) -> str:
    return f"embeddings-{artifact_name(name)}"


def _evaluation_work(context: RunContext, name: str) -> Iterator[Work]:
    yield _embedding_work(context, name)
    yield _work(evaluation_stage(context, name), f"train-{name}", _embeddings(name), "baseline")


def _embedding_work(context: RunContext, name: str) -> Work:
    def status() -> StageStatus:
        return embedding_stage(context, artifact_name(name), "evaluate", read_training(context, name)).status()

    return Work(_embeddings(name), status, (f"train-{name}",), n_texts=lambda: _n_texts(context))


def _n_texts(context: RunContext) -> int:
    return len(distinct_texts(list(context.pair_sets.values())))


def _guard_texts(context: RunContext, names: Sequence[str]) -> int:
    """Texts of other kinds that a comparison embeds, once a model."""
    models: list[str | None] = [None, *names]
    return sum(
        len(distinct_texts([guard.pairs]))
        for guard in context.guards
        for name in models
        if not _is_embedded(context, name, partial(guard_stage, context, guard))
    )


def _validation_texts(context: RunContext, names: Sequence[str]) -> int:
    """Texts of the validation file that a report embeds, once a training, or once without any."""
    pairs = context.validation_pairs
    if pairs is None:
        return 0
    stage = partial(validation_stage, context, pairs, command="compare")
    models: Sequence[str | None] = names or [None]
    return len(distinct_texts([pairs])) * sum(not _is_embedded(context, name, stage) for name in models)


def _is_embedded(context: RunContext, name: str | None, stage: Callable[[str, ModelSource | None], Stage[Any]]) -> bool:
    with suppress(StageError):
        source = None if name is None else read_training(context, name)
        artifact = BASELINE if name is None else artifact_name(name)
        return stage(artifact, source).status().state is StageState.FRESH
    return False
