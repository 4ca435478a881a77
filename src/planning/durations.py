"""How long stages are expected to take: by steps and texts that are measured now, or by what is recorded."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..core.errors import StageError
from ..embedding.encoder import distinct_texts
from ..models import CostBasis, PlannedStage, SelectOn, Split, TrainConfig, TrainingInfo
from ..storage.files import read_json
from ..training.selection import validation_phases
from ..training_stage import known_trainings
from .step_time import StepTime, TextTime, step_time, text_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..models import PairSet
    from ..workflow.context import RunContext
    from .work import Work

# seconds of a stage without its embeddings, and a pair: see docs/scaling.md
_USUAL = MappingProxyType(
    {
        "evaluate-data": (4.0, 8e-5),
        "report-data": (0.1, 0.0),
        "baseline": (15.0, 2e-5),
        "evaluate": (4.0, 2e-5),
        "compare": (3.0, 1e-5),
        "report": (3.0, 0.0),
    }
)
_LOADS = 3  # of a model in a training: to train, to check what was saved, and to write and read a folder
# what may differ between two trainings whose steps take the same time
_OF_NO_WEIGHT = (
    "name",
    "seed",
    "epochs",
    "learning_rate",
    "warmup_steps",
    "eval_steps",
    "weight_decay",
    "max_grad_norm",
)


class Durations:
    """Expected durations of stages; steps and texts are measured when one is asked for."""

    def __init__(self, context: RunContext) -> None:
        self.context = context
        self.n_pairs = sum(map(len, context.pair_sets.values()))
        self.steps: dict[str, StepTime] = {}

    @property
    def n_measured_steps(self) -> int:
        """Training steps that were done until now."""
        return sum(found.n for found in self.steps.values())

    def planned(self, work: Work, reason: str) -> PlannedStage:
        """A stage with its expected duration.

        Args:
            work: The stage.
            reason: Why it is made; empty where it is reused.
        """
        if not reason:
            return PlannedStage(stage=work.stage, reason="")
        if work.recipe is not None:
            one = self._training(work.stage, reason, work.recipe)
            return _repeated(one, work.n_trials, work.timeout) if work.n_trials else one
        n_texts = work.n_texts()
        seconds = self.texts.loading + n_texts * self.texts.seconds if n_texts else 0.0
        word = work.stage if work.stage in _USUAL else work.stage.partition("-")[0]
        if word in _USUAL:
            fixed, a_pair = _USUAL[word]
            seconds += fixed + a_pair * self.n_pairs
        basis = CostBasis.USUAL if word in _USUAL else CostBasis.MEASURED
        return PlannedStage(stage=work.stage, reason=reason, seconds=seconds, basis=basis)

    def _training(self, stage: str, reason: str, recipe: TrainConfig) -> PlannedStage:
        steps, n_evaluated = steps_and_texts(self.context, recipe)
        known = self._recorded(recipe)
        if known is None:
            measured = self._measured(recipe)
            seconds = steps * measured.seconds + n_evaluated * self.texts.seconds + _LOADS * self.texts.loading
            basis = CostBasis.MEASURED
        else:
            seconds, basis = known, CostBasis.RECORDED
        return PlannedStage(stage=stage, reason=reason, seconds=seconds, basis=basis, steps=steps)

    @cached_property
    def texts(self) -> TextTime:
        """How long a text takes, measured now."""
        self.context.reporter.say("Measuring: embedding some texts")
        return text_time(self.context)

    def _measured(self, recipe: TrainConfig) -> StepTime:
        key = _kind(recipe)
        if key not in self.steps:
            self.context.reporter.say(f"Measuring: the first steps of {recipe.name}")
            self.steps[key] = step_time(self.context, recipe)
        return self.steps[key]

    def _recorded(self, recipe: TrainConfig) -> float | None:
        """What a training like this one took below this root, on the same data, model and device."""
        context = self.context
        for info in self._infos():
            alike = (
                _kind(info.config) == _kind(recipe)
                and info.base_sha256 == context.base.sha256
                and info.train_data == context.data_files[Split.TRAIN]
                and info.provenance.device == context.device
                and info.resumed_from_step is None
            )
            if alike:
                return info.provenance.duration_seconds * recipe.epochs / info.config.epochs
        return None

    def _infos(self) -> Iterator[TrainingInfo]:
        for name in known_trainings(self.context):
            with suppress(StageError):
                yield read_json(self.context.paths.training_info(name), TrainingInfo)


def _repeated(one: PlannedStage, n: int, timeout: float) -> PlannedStage:
    """Several trainings as one stage, of which none begins after the timeout."""
    seconds, steps = one.seconds or 0.0, one.steps or 0
    return one.model_copy(update={"seconds": min(n * seconds, timeout + seconds), "steps": n * steps})


def steps_and_texts(context: RunContext, recipe: TrainConfig) -> tuple[int, int]:
    """Steps of a training, and texts that its evaluations embed; both at most, where validation may end it earlier.

    Args:
        context: The run.
        recipe: How to train.

    Raises:
        DataFileError: No pairs can choose a checkpoint.
    """
    train = context.pair_sets[Split.TRAIN]
    steps = recipe.steps(len(train))
    choosing = context.pair_sets[Split.TEST] if recipe.select_on is SelectOn.TEST else context.validation_pairs
    if choosing is not None:
        return steps, _evaluated(recipe, len(train), choosing)
    phases = validation_phases(train, recipe)
    texts = [_evaluated(recipe, len(phase.train), phase.measured) for phase in phases if phase.measured is not None]
    return sum(phase.n_steps(recipe) for phase in phases) + steps, sum(texts)


def _evaluated(recipe: TrainConfig, n_pairs: int, measured: PairSet) -> int:
    """Texts that the evaluations of a training on so many pairs embed."""
    steps, epoch = recipe.steps(n_pairs), recipe.epoch_steps(n_pairs)
    points = {0, *range(epoch, steps + 1, epoch), *range(recipe.eval_steps, steps + 1, recipe.eval_steps)}
    return len(points) * len(distinct_texts([measured]))


def _kind(recipe: TrainConfig) -> str:
    """What the duration of a step depends on."""
    return recipe.model_dump_json(exclude=set(_OF_NO_WEIGHT))
