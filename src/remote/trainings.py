"""Several trainings, each a task; what another machine trained is published here as if it had been trained here."""

from __future__ import annotations

import dataclasses
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from ..baseline_analysis import baseline_embeddings, baseline_stage
from ..core.errors import PipelineError
from ..core.paths import artifact_name
from ..embedding_stage import embedding_stage
from ..models import Split, StageState
from ..post_training_eval import evaluation_stage
from ..scheduling.parcels import packed
from ..scheduling.tasks import Needs, Task
from ..storage.files import is_file, read_text
from ..storage.transaction import transaction
from ..training_stage import refuse_other_machine, run_training, training_inputs, training_stage
from ..workflow.stage import read_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..core.paths import ProjectPaths
    from ..models import TrainConfig, TrainingInfo
    from ..scheduling.parcels import Parcel
    from ..scheduling.tasks import Scheduler
    from ..workflow.context import RunContext


@dataclass(frozen=True)
class Trained:
    """What a worker gives back.

    Attributes:
        stages: Names of the stages that it made, in their order, and the files of each; None where they lie in the
            run's folder already.
    """

    stages: Mapping[str, Parcel | None]


def train_all(
    context: RunContext,
    recipes: Sequence[TrainConfig],
    scheduler: Scheduler,
    *,
    evaluate: bool = False,
    **options: bool,
) -> list[TrainingInfo]:
    """Train by several recipes; what is up to date is not trained again.

    After a failure no further training begins; those that are under way end and are kept.

    Args:
        context: The run.
        recipes: No two of one name.
        scheduler: Runs them.
        evaluate: Whether a worker embeds with its model too, and evaluates one of the run's own seed; the base model
            was evaluated before.
        options: `resume`, `discard` and `keep_unchanged` of `run_training`.

    Raises:
        PipelineError: A training failed; the first such error.
    """
    found: dict[str, TrainingInfo] = {}
    failed: list[Exception] = []
    known = {recipe.name: recipe for recipe in recipes}
    base = _of_base(context) if evaluate and scheduler.is_remote else None

    def begun() -> Iterator[Task[TrainingInfo | Trained]]:
        for recipe in wanted:
            if failed:
                return
            if scheduler.is_remote:
                yield Task(recipe.name, _task(context, recipe, options, base), Needs.on(context.device))
            else:
                yield Task(recipe.name, partial(run_training, context, recipe, **options))

    with context.writing():
        wanted = [one for one in recipes if not scheduler.is_remote or not _is_fresh(context, one)]
        for outcome in scheduler.run(begun()):
            if outcome.error is not None:
                failed.append(_named(outcome.name, outcome.error) if scheduler.is_remote else outcome.error)
            else:
                if scheduler.is_remote:
                    done = f"{len(found) + 1} of {len(wanted)}"
                    context.reporter.say(f"{outcome.name}: a worker has finished it, {done}")
                found[outcome.name] = _kept(context, known[outcome.name], outcome.value, options)
        if failed:
            raise failed[0]
        for recipe in recipes:
            # of a worker whose results were published just before this process was ended
            shutil.rmtree(context.paths.worker(recipe.name), ignore_errors=True)
        return [found.get(recipe.name) or run_training(context, recipe, **options) for recipe in recipes]


def _named(name: str, error: Exception) -> Exception:
    """The error of a training; one that names no training, as that of a lost worker, gets its name."""
    named = type(error) is not PipelineError or name in str(error)
    return error if named else PipelineError(f"{name}: {error}")


def _is_fresh(context: RunContext, recipe: TrainConfig) -> bool:
    return training_stage(context, recipe.name, recipe).status().state is StageState.FRESH


def _of_base(context: RunContext) -> list[Parcel]:
    """What an evaluation reads of the base model: its embeddings and its own evaluation."""
    names = (baseline_embeddings(context).name, baseline_stage(context).name)
    return [packed(context.paths.root, _files(context.paths, name)) for name in names]


def _task(
    context: RunContext, recipe: TrainConfig, options: Mapping[str, bool], base: Sequence[Parcel] | None = None
) -> partial[Trained]:
    wanted, holder = training_inputs(context, recipe), read_text(context.paths.lock)
    return partial(_trained, context.with_pairs(*Split), recipe, wanted, holder, dict(options), base=base)


def _trained(
    context: RunContext,
    recipe: TrainConfig,
    wanted: Mapping[str, str],
    holder: str,
    options: Mapping[str, bool],
    *,
    base: Sequence[Parcel] | None = None,
) -> Trained:
    """Train in a root of its own, in a worker.

    Where the worker sees the run's folder, that root lies in it and outlasts the worker, with its checkpoints.

    Args:
        context: The run, with its pairs.
        recipe: The recipe.
        wanted: What the training is made from where it is wanted.
        holder: What the file of the run's lock says: a worker that reads the same sees the same folder.
        options: Those of `run_training`.
        base: What is known of the base model, where it embeds and evaluates too.
    """
    refuse_other_machine(context, recipe, wanted)
    lock = context.paths.lock
    if is_file(lock) and read_text(lock) == holder:
        inside = context.in_root(context.paths.worker(recipe.name))
        made = _made(inside, recipe, {**options, "resume": True, "discard": True}, base=base)
        return Trained(dict.fromkeys(made))
    with TemporaryDirectory() as folder:
        inside = context.in_root(Path(folder))
        made = _made(inside, recipe, {**options, "resume": False, "discard": False}, base=base)
        return Trained({stage: packed(inside.paths.root, _files(inside.paths, stage)) for stage in made})


def _made(
    context: RunContext, recipe: TrainConfig, options: Mapping[str, bool], *, base: Sequence[Parcel] | None
) -> list[str]:
    """Train, embed and evaluate, as far as that is wanted; the names of the stages."""
    info = run_training(context, recipe, **options)
    names = [f"train-{recipe.name}"]
    if base is None:
        return names
    embeddings = embedding_stage(context, artifact_name(recipe.name), f"evaluate --name {recipe.name}", info)
    # the training counts whatever follows; where this fails the evaluation is made where the run is, and says why
    with suppress(PipelineError):
        embeddings.ensure()
        names.append(embeddings.name)
        if recipe.seed == context.seed:
            for parcel in base:
                parcel.unpack(context.paths.root)
            evaluation = evaluation_stage(context, recipe.name)
            evaluation.ensure()
            names.append(evaluation.name)
    return names


def _kept(
    context: RunContext, recipe: TrainConfig, value: TrainingInfo | Trained | None, options: Mapping[str, bool]
) -> TrainingInfo:
    return _published(context, recipe, value, options) if isinstance(value, Trained) else cast("TrainingInfo", value)


def _published(context: RunContext, recipe: TrainConfig, trained: Trained, options: Mapping[str, bool]) -> TrainingInfo:
    """Move what a worker made to its place.

    Raises:
        PipelineError: It is not what was wanted.
    """
    stage, own = training_stage(context, recipe.name, recipe), context.paths.worker(recipe.name)
    for made, parcel in trained.stages.items():
        with transaction(context.paths, made, context.lock.check) as staging:
            if parcel is not None:
                parcel.unpack(staging.root)
                continue
            for file in _files(dataclasses.replace(context.paths, root=own), made):
                place = staging.root / file.relative_to(own)
                place.parent.mkdir(parents=True, exist_ok=True)
                _copy(file, place)
    shutil.rmtree(own, ignore_errors=True)
    if not _is_fresh(context, recipe):
        raise PipelineError(f"{recipe.name}: what a worker made is not this training; {stage.status().reason}")
    return run_training(context, recipe, **options)


def _copy(file: Path, to: Path) -> None:
    """A second name of a file where the disk allows it; its first one stays until all is published."""
    try:
        os.link(file, to)
    except OSError:
        shutil.copyfile(file, to)


def _files(paths: ProjectPaths, stage: str) -> list[Path]:
    """The files of a finished stage, its record among them."""
    outputs = read_record(paths, stage).provenance.outputs
    return [*(paths.root / output.path for output in outputs), paths.stage_record(stage)]
