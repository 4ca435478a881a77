"""The plan of a command: which stages it makes, and what they are expected to cost. Nothing below the root changes."""

from __future__ import annotations

import shutil
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..core.errors import PipelineError, StageError
from ..embedding.encoder import distinct_texts
from ..embedding.model_folder_checks import read_base
from ..models import CostBasis, Plan, PlannedStage, SelectOn, Split, TrainConfig, TrainingInfo
from ..storage.files import read_json
from ..storage.lock import refuse_links
from ..storage.transaction import consistent_read
from ..training.selection import validation_phases
from ..training_stage import known_trainings
from .resources import checkpoint_bytes, memory_bytes, model_size, result_bytes
from .step_time import StepTime, TextTime, step_time, text_time
from .work import reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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


def make_plan(context: RunContext, work: Callable[[], Sequence[Work]]) -> Plan:
    """What a command would do.

    Args:
        context: The run; nothing below its root is written.
        work: The stages of the command, each behind those that it is made from; see `planning/work.py`.

    Raises:
        PipelineError: Results of an interrupted command are not in their places yet.
        UserInputError: The command would be refused.
    """

    def unfinished() -> None:
        raise PipelineError(
            f"{context.paths.root}: an interrupted command left results that are not in their places; run `status`, "
            "which moves them, and then this again"
        )

    def read() -> tuple[Sequence[Work], dict[str, str]]:
        stages = work()
        return stages, reasons(stages)

    refuse_links(context.paths)
    stages, why = consistent_read(context.paths, unfinished, read)
    return _Costs(context).plan(stages, why)


class _Costs:
    """What stages cost, from steps that are measured when one is asked for."""

    def __init__(self, context: RunContext) -> None:
        self.context = context
        self.n_pairs = sum(map(len, context.pair_sets.values()))
        self.steps: dict[str, StepTime] = {}

    def plan(self, work: Sequence[Work], why: dict[str, str]) -> Plan:
        """The plan of some stages.

        Args:
            work: The stages.
            why: Why each is made, by its name; empty where it is reused.
        """
        stages = tuple(self._stage(one, why[one.stage]) for one in work)
        made = [one for one in work if why[one.stage]]
        base = self.context.base
        sizes = [model_size(one.recipe, base) for one in made if one.recipe is not None]
        embedding = sum(one.stage.startswith("embeddings-") for one in made)
        return Plan(
            stages=stages,
            n_measured_steps=sum(found.n for found in self.steps.values()),
            memory_bytes=memory_bytes(sizes, self.n_pairs),
            result_bytes=result_bytes(sizes, embedding * self.n_pairs, read_base(Path(base.source)).dimensions),
            checkpoint_bytes=checkpoint_bytes(sizes),
            free_bytes=shutil.disk_usage(_existing(self.context.paths.root)).free,
        )

    def _stage(self, work: Work, reason: str) -> PlannedStage:
        if not reason:
            return PlannedStage(stage=work.stage, reason="")
        if work.recipe is not None:
            return self._training(work.stage, reason, work.recipe)
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


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())
