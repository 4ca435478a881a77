from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.baseline_analysis import baseline_embeddings
from src.core.distributed import barrier, broadcast, is_main_process, rank, world_size
from src.core.paths import BASELINE
from src.data.options import FILE_OPTIONS
from src.models import Split
from src.other_pairs_stage import validation_cosines
from src.training_stage import read_training, run_training
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from src.models import TrainConfig, TrainingInfo
    from src.workflow.context import RunContext

    Started = Callable[..., subprocess.CompletedProcess[str]]

PROJECT = Path(__file__).parents[2]
RECIPE = ("--mode", "standard", "--learning-rate", "1e-2", "--warmup-steps", "2", "--precision", "fp32")
TORCHRUN = ("torch.distributed.run", "--nproc_per_node")
ACCELERATE = ("accelerate.commands.launch", "--multi_gpu", "--num_machines", "1", "--num_processes")
TIME_LIMIT = 300  # only so that processes that wait for one another do not wait for ever


@pytest.fixture
def start(context: RunContext, tiny_model: Path) -> Started:
    """Runs a command of the real program in several processes."""

    def run(
        *arguments: str, processes: int = 2, launcher: Sequence[str] = TORCHRUN
    ) -> subprocess.CompletedProcess[str]:
        places = ["--root", str(context.paths.root), "--data-dir", str(context.paths.data_dir)]
        options = ["--base-model", str(tiny_model), "--device", "cpu", *places]
        launched = [*launcher, str(processes), "-m", "src.cli"]
        return subprocess.run(
            [sys.executable, "-m", *launched, *options, *arguments],
            cwd=PROJECT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )

    return run


@pytest.fixture
def alone(context: RunContext) -> Callable[[TrainConfig, RunContext], TrainingInfo]:
    """Does a training in this process, in a root of its own."""

    def train(recipe: TrainConfig, data: RunContext) -> TrainingInfo:
        root = context.paths.root.with_name("alone")
        return run_training(dataclasses.replace(data, paths=dataclasses.replace(data.paths, root=root)), recipe)

    return train


def check_alike(one: TrainingInfo, several: TrainingInfo) -> None:
    """Two trainings that differ by rounding alone."""
    assert [point.step for point in several.history] == [point.step for point in one.history]
    assert [point.auc_roc for point in several.history] == pytest.approx(
        [point.auc_roc for point in one.history], abs=0.01
    )


def test_a_single_process_writes_agrees_with_itself_and_waits_for_nobody() -> None:
    assert (rank(), world_size(), is_main_process()) == (0, 1, True)
    assert [broadcast(answer=answer) for answer in (True, False)] == [True, False]
    barrier()


@pytest.mark.parametrize(("number", "writes"), [("0", True), ("1", False)])
def test_the_first_process_is_the_one_that_writes(number: str, writes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", number)

    assert is_main_process() is writes


# the first leaves a batch that is not full
@pytest.mark.parametrize("batch_size", [10, pytest.param(16, marks=pytest.mark.slow)])
def test_two_processes_train_like_one_and_one_of_them_speaks_and_writes(
    start: Started,
    context: RunContext,
    alone: Callable[[TrainConfig, RunContext], TrainingInfo],
    batch_size: int,
) -> None:
    done = start("train", *RECIPE, "--batch-size", str(batch_size))

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("weights trained") == 1
    two = read_training(context, "standard")
    check_alike(alone(two.config, context), two)
    roots = (context.paths.root, context.paths.root.with_name("alone"))
    assert len({frozenset(path.relative_to(root) for path in root.rglob("*")) for root in roots}) == 1


@pytest.mark.slow
def test_three_processes_of_which_two_have_no_pairs_train_like_one(
    start: Started, context: RunContext, alone: Callable[[TrainConfig, RunContext], TrainingInfo]
) -> None:
    n = len(context.pair_sets[Split.TRAIN])
    done = start("train", *RECIPE, "--batch-size", str(3 * n), "--epochs", "2", processes=3)

    assert done.returncode == 0, done.stderr
    three = read_training(context, "standard")
    assert three.steps == 2
    check_alike(alone(three.config, context), three)


@pytest.mark.slow
@pytest.mark.parametrize("has_file", [True, False])
def test_two_processes_choose_on_validation_pairs_like_one(
    start: Started,
    context: RunContext,
    alone: Callable[[TrainConfig, RunContext], TrainingInfo],
    has_file: bool,
) -> None:
    data = with_validation(context) if has_file else context
    files = [f"{FILE_OPTIONS[split]}={file}" for split, file in data.data.files.items()]
    done = start(*files, "train", *RECIPE, "--select-on", "validation", "--batch-size", "8", "--epochs", "2")

    assert done.returncode == 0, done.stderr
    two = read_training(data, "standard")
    one = alone(two.config, data)
    check_alike(one, two)
    assert two.best_step == one.best_step
    assert two.choice is not None
    assert two.choice.n == (24 if has_file else len(context.pair_sets[Split.TRAIN]))


@pytest.mark.slow
def test_accelerate_launch_starts_the_processes_too(
    start: Started, context: RunContext, alone: Callable[[TrainConfig, RunContext], TrainingInfo]
) -> None:
    done = start("train", *RECIPE, launcher=ACCELERATE)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("weights trained") == 1
    two = read_training(context, "standard")
    check_alike(alone(two.config, context), two)


@pytest.mark.slow
def test_accelerate_launch_for_the_processor_trains_in_one_process(start: Started, context: RunContext) -> None:
    launcher = ("accelerate.commands.launch", "--cpu", "--num_machines", "1", "--num_processes")
    done = start("train", *RECIPE, processes=1, launcher=launcher)

    assert done.returncode == 0, done.stderr
    assert read_training(context, "standard").provenance.device == "cpu"


@pytest.mark.slow
def test_three_processes_of_which_two_have_no_shard_embed_like_one(
    start: Started, context: RunContext, fresh: Callable[[], RunContext]
) -> None:
    done = start("baseline", processes=3)

    assert done.returncode == 0, done.stderr
    shared = {split: np.array(array) for split, array in baseline_embeddings(context).read().items()}
    shutil.rmtree(context.paths.root)
    for split, array in baseline_embeddings(fresh()).ensure().items():
        np.testing.assert_allclose(shared[split], array, rtol=0, atol=1e-6)


@pytest.mark.slow
def test_two_processes_embed_a_validation_file_for_the_report_like_one(
    start: Started, context: RunContext, fresh: Callable[[], RunContext]
) -> None:
    data = with_validation(context)
    files = [f"{FILE_OPTIONS[split]}={file}" for split, file in data.data.files.items()]
    done = start(*files, "baseline")

    assert done.returncode == 0, done.stderr
    assert 'value="validation"' in context.paths.baseline_report.read_text()
    shared = validation_cosines(data, {BASELINE: None}, "baseline")[Split.VALIDATION][BASELINE]
    shutil.rmtree(context.paths.root)
    alone = validation_cosines(with_validation(fresh()), {BASELINE: None}, "baseline")[Split.VALIDATION][BASELINE]
    np.testing.assert_allclose(shared, alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("compare",), "compare: runs in one process; torchrun shares the work of baseline, train, evaluate alone"),
        (("train", *RECIPE, "--batch-size", "15"), "--batch-size 15: cannot be shared by 2 processes"),
    ],
)
def test_what_cannot_be_shared_is_refused(start: Started, arguments: tuple[str, ...], message: str) -> None:
    done = start(*arguments)

    assert done.returncode != 0
    assert message in done.stderr
