"""Steps of a training and texts of an embedding, done now to learn how long they take."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.progress import Reporter
from ..embedding.encoder import ENCODE_BATCH, distinct_texts, encode_texts
from ..embedding.loading import loaded_model, release_memory
from ..models import Split
from ..training.selection import Phase
from ..training_stage import trainer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..models import TrainConfig
    from ..workflow.context import RunContext

STEPS = 20  # measured, after those that warm up
WARM_UP = 3
LONGEST = 20.0  # seconds
TEXTS = 256


class _Enough(Exception):  # noqa: N818 - no error: it ends a training that was only measured
    """Enough steps were done."""


class _Stopwatch(Reporter):
    """Shows nothing; takes the time of each step of a training, and ends it when there are enough."""

    def __init__(self) -> None:
        super().__init__(-1)
        self.times: list[float] = []

    @contextmanager
    def task(self, description: str, total: int) -> Iterator[Callable[[int], None]]:  # noqa: ARG002 - as it is called
        yield self._step

    def _step(self, _done: int) -> None:
        self.times.append(time.perf_counter())
        taken = self.times[-1] - self.times[0]
        if len(self.times) > WARM_UP + STEPS or (taken > LONGEST and len(self.times) > WARM_UP + 1):
            raise _Enough


@dataclasses.dataclass(frozen=True)
class StepTime:
    """What steps of a training took.

    Attributes:
        seconds: Mean of one.
        n: How many were measured.
    """

    seconds: float
    n: int


def step_time(context: RunContext, recipe: TrainConfig) -> StepTime:
    """Do the first steps of a training, on its own batches and with the real model; nothing is kept.

    Args:
        context: The run; nothing is written below its root.
        recipe: How to train.
    """
    watch = _Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        paths = dataclasses.replace(context.paths, root=Path(folder))
        trainer = trainer_of(dataclasses.replace(context, paths=paths, reporter=watch, report_to=None), recipe)
        trainer.phase = Phase(context.pair_sets[Split.TRAIN], None)
        with suppress(_Enough):
            trainer.measure(None, "")
    release_memory()  # the exception held the model
    # a training that is shorter has its last step, and the checkpoint after it, measured too
    times = watch.times[min(WARM_UP, len(watch.times) - 2) :]
    return StepTime((times[-1] - times[0]) / (len(times) - 1), len(watch.times) - 1)


@dataclasses.dataclass(frozen=True)
class TextTime:
    """What embedding takes.

    Attributes:
        loading: Seconds until the model is loaded.
        seconds: A text.
    """

    loading: float
    seconds: float


def text_time(context: RunContext) -> TextTime:
    """Load the base model and embed some of the run's texts, of all lengths."""
    texts = sorted(distinct_texts(list(context.pair_sets.values())), key=len)
    sample = texts[:: max(1, len(texts) // TEXTS)]
    started = time.perf_counter()
    with loaded_model(context.base, context.device) as model:
        encode_texts(model, sample[-ENCODE_BATCH:])
        loaded = time.perf_counter()
        encode_texts(model, sample)
        ended = time.perf_counter()
        del model
    return TextTime(loaded - started, (ended - loaded) / len(sample))
