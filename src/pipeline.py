"""Command `run`: every stage in order, in one process; command `status`: which stages are up to date."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .baseline_analysis import baseline_stage
from .comparison import check_rules, comparison_stage, known_models
from .core.errors import StageError
from .core.paths import INSTRUCTION, TUNED_LORA
from .embedding.prompts import refuse_prompts
from .judged_stage import judged_stage
from .models import LoraSettings, SelectOn, Split, StageState, TrainConfig, TrainingMode
from .planning.plan import make_plan
from .planning.work import work_of_run
from .post_training_eval import evaluation_stage, seed_stages
from .quality_stage import quality_stage
from .remote.trainings import train_all
from .report_stage import (
    baseline_report_stage,
    comparison_report_stage,
    leave_no_texts_beside,
    quality_report_stage,
)
from .scheduling.in_process import InProcess
from .search.results import known_search_stage, known_searches
from .training.instruction import instruction_text
from .training.lora_targets import adapted_modules
from .training.recipe import with_given_targets
from .training.seeds import with_seeds
from .training_stage import known_recipes, known_seeds, known_trainings, training_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .models import ComparisonResult, Plan, StageStatus
    from .planning.work import Work
    from .scheduling.tasks import Scheduler
    from .workflow.context import RunContext
    from .workflow.stage import Stage

# chosen by the sweep that docs/adr-001-lora-vs-standard.md shows
TUNED_LORA_LEARNING_RATE = 5e-4


def trainings_of_run(seed: int) -> tuple[TrainConfig, ...]:
    """The three trainings of `run`: the controlled experiment in both modes, and LoRA at its own learning rate."""
    lora = LoraSettings()
    return (
        TrainConfig(name="standard", mode=TrainingMode.STANDARD, seed=seed),
        TrainConfig(name="lora", mode=TrainingMode.LORA, lora=lora, seed=seed),
        TrainConfig(
            name=TUNED_LORA,
            mode=TrainingMode.LORA,
            lora=lora,
            learning_rate=TUNED_LORA_LEARNING_RATE,
            seed=seed,
        ),
    )


def instruction_training(context: RunContext, standard: TrainConfig) -> TrainConfig:
    """The standard training once more, with an instruction before both texts.

    Args:
        context: The run; the words of its data make the instruction.
        standard: The recipe of the standard training.

    Raises:
        UserInputError: The instruction leaves no room for a text.
        ModelFolderError: The base model's pooling leaves prompts out.
    """
    train = context.pair_sets[Split.TRAIN]
    text = instruction_text(train.words, has_speakers=train.has_speakers)
    recipe = standard.model_copy(update={"name": INSTRUCTION, "instruction": text})
    refuse_prompts(context.base, recipe.prompts(context.base.prompts), "leave out --with-instruction")
    return recipe


def recipes_of_run(
    context: RunContext,
    *,
    select_on: SelectOn | None = None,
    seeds: Sequence[int] = (),
    with_instruction: bool = False,
    target_modules: str | None = None,
) -> list[TrainConfig]:
    """How a run trains each of its models.

    Args:
        context: The run.
        select_on: Which pairs choose the checkpoint of each training; None leaves it to the profile.
        seeds: Train every recipe with each of them, the run's own first; empty for that one alone.
        with_instruction: Train a fourth model, with an instruction.
        target_modules: Names of the modules that LoRA adapts, with commas; None for those of the base model's family.

    Raises:
        UserInputError: LoRA cannot adapt the base model, or the instruction leaves no room for a text.
    """
    first = _recipes(context, select_on, target_modules)
    if with_instruction:
        first.append(instruction_training(context, first[0]))
    for recipe in first:
        adapted_modules(recipe, context.base)
    return with_seeds(first, seeds or (context.seed,))


def run_all(
    context: RunContext,
    recipes: Sequence[TrainConfig] | None = None,
    *,
    discard: bool = False,
    scheduler: Scheduler | None = None,
) -> ComparisonResult:
    """Make every stage that is not up to date.

    Args:
        context: The run.
        recipes: What is trained; None for the usual ones, see `recipes_of_run`.
        discard: Remove checkpoints of another recipe, data or code.
        scheduler: Runs the trainings; None for one after another in this process.

    Raises:
        UserInputError: The decision is about a model or a slice that is not there, or LoRA cannot adapt the base model;
            nothing was made.
        PipelineError: A stage could not finish; what the stages before it wrote stays.
    """
    recipes = recipes_of_run(context) if recipes is None else recipes
    with context.writing():
        check_rules(context, [*_first_seed(context, recipes), *known_models(context)])
        quality_stage(context).ensure()
        quality_report_stage(context).ensure()
        scheduler = scheduler or InProcess()
        if scheduler.is_remote:
            baseline_stage(context).ensure()  # workers compare their models with it
        # here first what needs most memory: what the baseline's map is drawn with stays in it afterwards
        train_all(context, recipes, scheduler, evaluate=True, discard=discard, keep_unchanged=True)
        baseline_stage(context).ensure()
        for name in known_recipes(context):
            evaluation_stage(context, name).ensure()
        for stage in seed_stages(context).values():
            stage.ensure()
        names = [*known_recipes(context), *judged_to_compare(context)]
        result = comparison_stage(context, names).ensure()
        baseline_report_stage(context).ensure()
        comparison_report_stage(context, names).ensure()
        leave_no_texts_beside(context, names)
        return result


def plan_run(context: RunContext, recipes: Sequence[TrainConfig] | None = None) -> Plan:
    """What `run_all` would do with these recipes, and what that is expected to cost; nothing is written.

    Raises:
        UserInputError: The run would be refused.
        PipelineError: Results of an interrupted command are not in their places yet.
    """
    recipes = recipes_of_run(context) if recipes is None else recipes

    def work() -> list[Work]:
        first = _first_seed(context, recipes)
        check_rules(context, [*first, *known_models(context)])
        repeated = [recipe.name for recipe in recipes if recipe.name not in first]
        known = [one.name for trained in known_seeds(context).values() for one in trained[1:]]
        other_seeds = dict.fromkeys([*repeated, *known])
        names = dict.fromkeys([*first, *known_recipes(context), *judged_to_compare(context)])
        compared = [name for name in names if name not in other_seeds]
        return work_of_run(context, recipes, compared, list(other_seeds))

    return make_plan(context, work)


def judged_to_compare(context: RunContext) -> Iterator[str]:
    """The judged models whose evaluation is up to date, and those that the decision needs; the others are told."""
    for name in context.judged:
        status = evaluation_stage(context, name).status()
        if status.state is StageState.FRESH or name in (context.rules.candidate, context.rules.against):
            yield name
        else:
            context.reporter.say(f"{name}: left out of the comparison: {status.stage} is {status.state}")


def _first_seed(context: RunContext, recipes: Sequence[TrainConfig]) -> list[str]:
    """Names of the trainings that are compared; the others repeat them with other seeds."""
    return [recipe.name for recipe in recipes if recipe.seed == context.seed]


def _recipes(context: RunContext, select_on: SelectOn | None, target_modules: str | None) -> list[TrainConfig]:
    chosen = select_on or context.profile.select_on
    recipes = [recipe.model_copy(update={"select_on": chosen}) for recipe in trainings_of_run(context.seed)]
    return [with_given_targets(recipe, target_modules) for recipe in recipes]


def project_status(
    context: RunContext,
    *,
    verify: bool = False,
    select_on: SelectOn | None = None,
    target_modules: str | None = None,
) -> list[StageStatus]:
    """Each stage's state, in the order of the pipeline; a training of `run` is stale when its recipe is another.

    Args:
        context: The run.
        verify: Hash every file again instead of looking at its size only.
        select_on: What `run` would be given.
        target_modules: The same.
    """
    recipes = _recipes(context, select_on, target_modules)
    return context.consistent_read(lambda: [stage.status() for stage in _stages(context, recipes, verify=verify)])


def _stages(context: RunContext, of_run: list[TrainConfig], *, verify: bool) -> list[Stage[Any]]:
    recipes = {recipe.name: recipe for recipe in of_run}
    names, judged = list(dict.fromkeys([*recipes, *known_trainings(context)])), context.judged
    shown = list(dict.fromkeys([*recipes, *known_recipes(context)]))
    return [
        quality_stage(context, verify=verify),
        baseline_stage(context, verify=verify),
        *(training_stage(context, name, recipes.get(name), verify=verify) for name in names),
        *(known_search_stage(context, name, verify=verify) for name in known_searches(context)),
        *(judged_stage(context, name, verify=verify) for name in judged),
        *(evaluation_stage(context, name, verify=verify) for name in (*shown, *judged)),
        *_seed_stages(context, verify=verify),
        comparison_stage(context, verify=verify),
        quality_report_stage(context, verify=verify),
        baseline_report_stage(context, verify=verify),
        comparison_report_stage(context, verify=verify),
    ]


def _seed_stages(context: RunContext, *, verify: bool) -> list[Stage[Any]]:
    """The embeddings of other seeds; none while one of their trainings is missing or stale, which its own line says."""
    with suppress(StageError):
        return [*seed_stages(context, verify=verify).values()]
    return []
