"""Command `run`: every stage in order, in one process; command `status`: what stands and what does not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .baseline_analysis import COMMAND as BASELINE_COMMAND
from .baseline_analysis import baseline_inputs, read_baseline, run_baseline
from .comparison import COMMAND as COMPARE_COMMAND
from .comparison import STAGE as COMPARE
from .comparison import comparison_inputs, read_evaluations, run_comparison
from .core.errors import PipelineError
from .core.paths import BASELINE, TUNED_LORA
from .models import LoraSettings, StageState, StageStatus, TrainConfig, TrainingMode
from .post_training_eval import evaluate_command, evaluation_inputs, run_evaluation
from .quality_stage import COMMAND as QUALITY_COMMAND
from .quality_stage import STAGE as QUALITY
from .quality_stage import quality_inputs, run_quality
from .training_stage import known_trainings, read_training, run_training, train_command, training_inputs
from .workflow.stage import stage_status

if TYPE_CHECKING:
    from collections.abc import Callable

    from .models import ComparisonResult
    from .workflow.context import RunContext

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


def run_all(context: RunContext) -> ComparisonResult:
    """Run every stage whose results do not stand already.

    Raises:
        PipelineError: A stage could not finish; what the stages before it wrote stays.
    """
    with context.writing():
        run_quality(context)
        # first what needs most memory: what the baseline's map is drawn with stays in it afterwards
        for config in trainings_of_run(context.seed):
            run_training(context, config)
        run_baseline(context)
        for name in known_trainings(context):
            run_evaluation(context, name)
        return run_comparison(context)


def project_status(context: RunContext, *, verify: bool = False) -> list[StageStatus]:
    """Each stage's state, in the order of the pipeline; a training of `run` is stale when its recipe is another.

    Args:
        context: The run.
        verify: Hash every file again instead of looking at its size only.
    """
    return context.settled(lambda: _status(context, verify=verify))


def _status(context: RunContext, *, verify: bool) -> list[StageStatus]:

    def status(stage: str, command: str, inputs: Callable[[], dict[str, str]]) -> StageStatus:
        try:
            return stage_status(context.paths, stage, inputs(), command, verify=verify)
        except PipelineError as error:
            # a stage whose own inputs do not stand cannot stand either
            first, *more = map(str, error.args)
            return _not_standing(context, stage, command, f"{first}; and more faults" if more else first)

    recipes = {config.name: config for config in trainings_of_run(context.seed)}
    expected = list(dict.fromkeys([*recipes, *known_trainings(context)]))
    return [
        status(QUALITY, QUALITY_COMMAND, lambda: quality_inputs(context)),
        status(BASELINE, BASELINE_COMMAND, lambda: baseline_inputs(context)),
        *(
            status(
                f"train-{name}",
                train_command(context, name, recipes.get(name)),
                partial(training_inputs, context, recipes.get(name)),
            )
            for name in expected
        ),
        *(
            status(
                f"evaluate-{name}", evaluate_command(name), partial(_inputs_of_evaluation, context, name, verify=verify)
            )
            for name in expected
        ),
        status(COMPARE, COMPARE_COMMAND, partial(_inputs_of_comparison, context, verify=verify)),
    ]


def _inputs_of_evaluation(context: RunContext, name: str, *, verify: bool) -> dict[str, str]:
    return evaluation_inputs(
        context, read_training(context, name, verify=verify), read_baseline(context, verify=verify)
    )


def _inputs_of_comparison(context: RunContext, *, verify: bool) -> dict[str, str]:
    return comparison_inputs(context, read_evaluations(context, verify=verify))


def _not_standing(context: RunContext, stage: str, command: str, reason: str) -> StageStatus:
    exists = context.paths.stage_record(stage).exists()
    state = StageState.STALE if exists else StageState.MISSING
    return StageStatus(stage=stage, state=state, reason=reason if exists else "not run", command=command)
