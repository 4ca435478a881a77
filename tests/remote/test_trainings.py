from __future__ import annotations

import dataclasses
import pickle
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest

from src.baseline_analysis import baseline_stage
from src.core.errors import PipelineError, UserInputError
from src.core.paths import artifact_name
from src.embedding_stage import embedding_stage
from src.models import Split, StageState
from src.post_training_eval import evaluation_stage
from src.remote import trainings
from src.remote.trainings import train_all
from src.scheduling.in_process import InProcess
from src.scheduling.parcels import packed
from src.scheduling.tasks import Outcome, outcome_of
from src.storage.transaction import transaction
from src.training_stage import read_training, training_inputs
from tests.support.finished_run import Listener, recipe
from tests.support.real_command import leftovers, without_provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from src.core.paths import ProjectPaths
    from src.models import TrainConfig
    from src.scheduling.tasks import Task
    from src.workflow.context import RunContext


class Elsewhere:
    """Runs tasks as a worker does: nothing but bytes goes there and comes back."""

    is_remote: ClassVar[bool] = True

    def __init__(self, on_the_way: Callable[[Task], Task] = lambda task: task) -> None:
        self.names: list[str] = []
        self.on_the_way = on_the_way

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            self.names.append(task.name)
            there = self.on_the_way(pickle.loads(pickle.dumps(task)))  # noqa: S301 - its own
            yield pickle.loads(pickle.dumps(outcome_of(there)))  # noqa: S301 - the same


@pytest.fixture
def run(context: RunContext) -> RunContext:
    return dataclasses.replace(context, reporter=Listener())


def of_seeds(*names: str) -> list[TrainConfig]:
    return [recipe(name, seed=seed) for seed, name in enumerate(names, 42)]


def on_another_disk(task: Task) -> Task:
    """A worker that does not see the run's folder."""
    context, *rest = task.work.args
    return dataclasses.replace(
        task,
        work=partial(
            trainings._trained, context.in_root(context.paths.root / "not-there"), *rest, **task.work.keywords
        ),
    )


WORKERS = pytest.mark.parametrize(
    "on_the_way",
    [
        pytest.param(lambda task: task, id="shared folder", marks=pytest.mark.slow),
        pytest.param(on_another_disk, id="another disk"),
    ],
)


@WORKERS
def test_what_a_worker_trained_is_what_would_have_been_trained_here(
    run: RunContext, on_the_way: Callable[[Task], Task]
) -> None:
    here = run.in_root(run.paths.root.with_name("here"))
    recipes = of_seeds("standard", "lora")

    found = train_all(run, recipes, Elsewhere(on_the_way), keep_unchanged=True)
    expected = train_all(here, recipes, InProcess(), keep_unchanged=True)

    for one, other in zip(found, expected, strict=True):
        assert (one.weights_sha256, one.history, one.config) == (other.weights_sha256, other.history, other.config)
        assert read_training(run, one.config.name) == one
    assert packed(run.paths.models) == packed(here.paths.models)
    assert leftovers(run.paths.root) == []
    assert not run.paths.worker("standard").exists()


@WORKERS
def test_a_worker_of_a_run_evaluates_the_model_of_the_runs_seed_and_embeds_with_the_others(
    run: RunContext, on_the_way: Callable[[Task], Task]
) -> None:
    here = run.in_root(run.paths.root.with_name("here"))
    recipes = of_seeds("standard", "standard-seed43")
    baseline_stage(run).ensure()
    found = train_all(run, recipes, Elsewhere(on_the_way), evaluate=True)
    train_all(here, recipes, InProcess(), evaluate=True)
    baseline_stage(here).ensure()

    evaluation = evaluation_stage(run, "standard")

    assert evaluation.status().state is StageState.FRESH
    expected = evaluation_stage(here, "standard").ensure()
    assert without_provenance(evaluation.read().model_dump()) == without_provenance(expected.model_dump())
    for info in found:
        name = info.config.name
        made = embedding_stage(run, artifact_name(name), "evaluate", info)
        assert made.status().state is StageState.FRESH
        for split, vectors in embedding_stage(here, artifact_name(name), "evaluate", info).ensure().items():
            assert np.array_equal(made.read()[split], vectors)
    assert evaluation_stage(run, "standard-seed43").status().state is StageState.MISSING
    assert leftovers(run.paths.root) == []


def test_what_is_up_to_date_is_not_sent(run: RunContext) -> None:
    first, second = of_seeds("standard", "standard-seed43")
    train_all(run, [first], InProcess())
    elsewhere = Elsewhere()

    found = train_all(run, [first, second], elsewhere)

    assert elsewhere.names == ["standard-seed43"]
    assert "standard-seed43: a worker has finished it, 1 of 1" in run.reporter.said  # type: ignore[attr-defined]
    assert [info.config for info in found] == [first, second]


def test_a_worker_with_other_code_or_data_is_refused(run: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_another_version(task: Task) -> Task:
        monkeypatch.setattr("src.training_stage.code_version", lambda _: "another")
        return task

    with pytest.raises(PipelineError, match=r"this worker has another code than the machine that sent the task"):
        train_all(run, of_seeds("standard"), Elsewhere(in_another_version))
    assert not run.paths.model("standard").exists()


def test_after_a_failure_no_further_training_begins_and_what_ended_is_kept(run: RunContext) -> None:
    first, second, third = of_seeds("standard", "a", "b")
    elsewhere = Elsewhere()

    with pytest.raises(PipelineError, match="changed nothing"):
        train_all(run, [first, second.model_copy(update={"learning_rate": 1e-30}), third], elsewhere)

    assert elsewhere.names == ["standard", "a"]
    assert read_training(run, "standard").config == first


def test_what_a_lost_worker_left_is_gone_on_with(run: RunContext) -> None:
    """A worker that ended after its training and before it could say so."""
    [config] = of_seeds("standard")
    with run.writing():
        trainings._task(run, config, {})()
        before = run.paths.worker("standard") / "training" / "model"
        weights = packed(before)

        [info] = train_all(run, [config], Elsewhere())

    assert packed(run.paths.models) == weights
    assert info.resumed_from_step is None


def test_what_is_not_the_training_that_was_wanted_is_not_taken(run: RunContext) -> None:
    """A worker that trains by another recipe than it was sent."""

    def changed(task: Task) -> Task:
        context, config, _, holder, options = on_another_disk(task).work.args
        other = config.model_copy(update={"epochs": 2})
        wanted = training_inputs(context, other)
        return dataclasses.replace(
            task, work=trainings.partial(trainings._trained, context, other, wanted, holder, options)
        )

    with pytest.raises(PipelineError, match="standard: what a worker made is not this training; changed since: recipe"):
        train_all(run, of_seeds("standard"), Elsewhere(changed))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PipelineError("its worker was lost 4 times"), "standard: its worker was lost 4 times"),
        (PipelineError("standard: the loss is nan"), "standard: the loss is nan"),
        (UserInputError("too few pairs"), "too few pairs"),
    ],
)
def test_the_error_of_a_lost_worker_names_the_training(run: RunContext, error: PipelineError, told: str) -> None:
    class Loses(Elsewhere):
        def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            return (Outcome(task.name, error=error) for task in tasks)

    with pytest.raises(type(error)) as raised:
        train_all(run, of_seeds("standard"), Loses())
    assert str(raised.value) == told


def test_test_pairs_are_not_sent_where_only_validation_pairs_choose(run: RunContext) -> None:
    sent = pickle.loads(pickle.dumps(run.with_pairs(Split.TRAIN, Split.VALIDATION)))  # noqa: S301 - the same

    assert list(sent.pair_sets) == [Split.TRAIN]
    assert sent.reporter.verbosity == -1


def test_what_a_worker_trained_is_there_again_after_a_publication_that_was_interrupted(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def interrupted(*of: object) -> Iterator[ProjectPaths]:
        with transaction(*of) as staging:
            yield staging
            raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(trainings, "transaction", interrupted)
        train_all(run, of_seeds("standard"), Elsewhere())
    before = packed(run.paths.worker("standard") / "training" / "model")

    train_all(run, of_seeds("standard"), Elsewhere())

    assert packed(run.paths.models) == before
    assert leftovers(run.paths.root) == []


@WORKERS
def test_a_training_whose_embeddings_fail_counts_all_the_same(
    run: RunContext, on_the_way: Callable[[Task], Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def ensure(self) -> None:
            raise PipelineError("the disk is full")

    monkeypatch.setattr(trainings, "embedding_stage", lambda *_: Failing())
    baseline_stage(run).ensure()

    [info] = train_all(run, of_seeds("standard"), Elsewhere(on_the_way), evaluate=True)

    assert read_training(run, "standard") == info
    assert leftovers(run.paths.root) == []


def test_what_a_worker_left_of_a_training_that_is_there_is_removed(run: RunContext) -> None:
    recipes = of_seeds("standard")
    train_all(run, recipes, InProcess())
    left = run.paths.worker("standard") / "data" / "embeddings"
    left.mkdir(parents=True)

    train_all(run, recipes, InProcess())

    assert not run.paths.worker("standard").exists()
