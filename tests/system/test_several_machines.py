"""Seeds and trials on a Ray cluster of two nodes of this machine, and commands that train several models, killed."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from src.core.paths import ProjectPaths
from src.embedding.loading import go_offline
from src.models import Search, TrainConfig, TrainingInfo
from src.remote.trainings import train_all
from src.scheduling.in_process import InProcess
from src.scheduling.with_ray import LOCAL, with_ray
from src.search.searching import search
from src.search.space import parse_space
from src.storage.files import read_json
from tests.support.data_files import records, write_data, write_jsonl
from tests.support.finished_run import Listener, recipe
from tests.support.real_command import DONE, QUICK, Place, leftovers
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ray.cluster_utils import Cluster

    from src.scheduling.tasks import Scheduler
    from src.workflow.context import RunContext

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

KILLED = -signal.SIGKILL
SEEDS = ("42", "43", "44")
SPACE = "learning_rate=1e-3:2e-2,epochs=1:2,batch_size=16:24,warmup_share=0.1,loss=cosine:cosent"
TRIALS = 6


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """Two nodes of one processor each; the second may be lost."""
    for name, value in {"RAY_USAGE_STATS_ENABLED": "0", "OMP_NUM_THREADS": "1"}.items():
        monkeypatch.setenv(name, value)
    from ray.cluster_utils import Cluster

    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    found.second = found.add_node(num_cpus=1)
    yield found
    found.shutdown()


@pytest.fixture
def one_thread() -> Iterator[None]:
    """As many threads as a worker has: sums of another order have another last digit."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def place(tmp_path: Path, tiny_model: Path) -> Place:
    """An empty root beside a data folder with a validation file."""
    write_data(tmp_path / "data")
    write_jsonl(tmp_path / "data" / "validation.jsonl", records(24, "v"))
    (tmp_path / "root").mkdir()
    return Place(tmp_path / "root", tmp_path / "data", tiny_model)


def elsewhere(context: RunContext, name: str) -> RunContext:
    root = context.paths.root.with_name(name)
    return dataclasses.replace(context, paths=dataclasses.replace(context.paths, root=root), reporter=Listener())


def numbers(info: TrainingInfo) -> tuple[object, ...]:
    return info.config, info.history, info.weights_sha256


def trials(found: Search) -> list[object]:
    return [trial.model_copy(update={"seconds": 0.0}) for trial in found.trials]


# --- two nodes ------------------------------------------------------------------------------------------


def searched(context: RunContext, scheduler: Scheduler) -> Search:
    base = recipe("standard").model_copy(update={"name": "searched"})
    space = parse_space(SPACE, base.mode)
    as_text = TrainConfig.model_dump_json
    return search(context, base, space, TRIALS, scheduler=scheduler, recipe_text=as_text)[0]


@pytest.mark.usefixtures("one_thread")
def test_a_search_on_two_nodes_gives_every_number_of_one_in_this_process(cluster: Cluster, context: RunContext) -> None:
    run = with_validation(context)

    here = searched(elsewhere(run, "here"), InProcess())
    with with_ray(cluster.address, go_offline) as scheduler:
        there = searched(elsewhere(run, "there"), scheduler)

    assert trials(there) == trials(here)
    assert there.recipe == here.recipe


@pytest.mark.usefixtures("one_thread")
def test_seeds_survive_the_loss_of_a_node_with_every_number_the_same(cluster: Cluster, context: RunContext) -> None:
    recipes = [
        recipe("standard" if seed == "42" else f"standard-seed{seed}", seed=int(seed), epochs=8) for seed in SEEDS
    ]
    here, there = elsewhere(context, "here"), elsewhere(context, "there")
    lost = threading.Event()

    def lose_a_node() -> None:
        while not list(there.paths.root.glob(".pipeline/worker-*/training/checkpoints/*/checkpoint-*")):
            time.sleep(0.05)
        cluster.remove_node(cluster.second, allow_graceful=False)
        lost.set()

    threading.Thread(target=lose_a_node, daemon=True).start()
    with with_ray(cluster.address, go_offline) as scheduler:
        found = train_all(there, recipes, scheduler, keep_unchanged=True)
    expected = train_all(here, recipes, InProcess(), keep_unchanged=True)

    assert lost.is_set()
    assert list(map(numbers, found)) == list(map(numbers, expected))


# --- killed ---------------------------------------------------------------------------------------------


def files_of(place: Place) -> tuple[str, ...]:
    names = {"train": "dating_pairs", "test": "eval_pairs", "validation": "validation"}
    return tuple(str(one) for split, name in names.items() for one in (f"--{split}-file", place.data / f"{name}.jsonl"))


def run_killed(place: Place, command: tuple[str, ...], moments: list[float], count: Path) -> None:
    """Run a command in a root until it ends, killed before some changes of a file, as shares of all of them."""
    whole = Place(place.root.with_name("whole"), place.data, place.base)
    whole.root.mkdir()
    ended = whole.run(*command, NUMBA_DISABLE_JIT="1", STOP_BELOW=str(whole.root), STOP_AT="0", COUNT_TO=str(count))
    assert ended.code == DONE, ended.err
    for moment in moments:
        at = str(max(1, int(moment * int(count.read_text()))))
        ended = place.run(*command, NUMBA_DISABLE_JIT="1", STOP_BELOW=str(place.root), STOP_AT=at)
        assert ended.code in (DONE, KILLED), ended.err
    ended = place.run(*command, NUMBA_DISABLE_JIT="1")
    assert ended.code == DONE, ended.err
    assert leftovers(place.root) == []


def infos(root: Path) -> dict[str, tuple[object, ...]]:
    files = sorted(root.glob("training/*_training_info.json"))
    return {file.name: numbers(read_json(file, TrainingInfo)) for file in files}


def test_a_search_that_was_killed_twice_tries_and_chooses_what_a_whole_one_does(place: Place, tmp_path: Path) -> None:
    command = ("search", "--mode", "standard", "--trials", str(TRIALS), "--space", SPACE, *files_of(place))

    run_killed(place, command, [0.3, 0.6], tmp_path / "count")

    found, whole = (
        read_json(ProjectPaths(root, place.data).trials("searched"), Search)
        for root in (place.root, tmp_path / "whole")
    )
    assert trials(found) == trials(whole)
    assert infos(place.root) == infos(tmp_path / "whole")


def test_seeds_that_were_killed_end_as_those_of_a_whole_run(place: Place, tmp_path: Path) -> None:
    command = ("run", "--seeds", "42,43")

    run_killed(place, command, [0.1, 0.4, 0.6], tmp_path / "count")

    assert infos(place.root) == infos(tmp_path / "whole")
    assert len(infos(place.root)) == 6


def test_a_ray_run_that_was_killed_loses_no_training_that_had_ended(place: Place, tmp_path: Path) -> None:
    """The next call, without Ray, trains what is missing to the same last digit."""
    command = ("train", "--mode", "standard", *QUICK, "--epochs", "4", "--seeds", ",".join(SEEDS))
    whole = Place(tmp_path / "whole", place.data, place.base)
    whole.root.mkdir()
    assert whole.run(*command).code == DONE
    environment = place.environment(NO_SOCKETS="", RAY_USAGE_STATS_ENABLED="0")
    folder = place.root / "training"

    with subprocess.Popen([*place.command_line(*command, "--ray", LOCAL)], env=environment) as process:
        while process.poll() is None and not list(folder.glob("*_training_info.json")):
            time.sleep(0.1)
        process.kill()
    kept = infos(place.root)
    assert kept
    # the workers end with the process that started them
    time.sleep(10)

    assert place.run(*command, "--resume").code == DONE

    assert infos(place.root) == infos(whole.root)
    assert infos(place.root).items() >= kept.items()


def test_ray_on_this_machine_trains_to_the_same_last_digit_and_says_nothing_of_its_own(
    place: Place, tmp_path: Path
) -> None:
    command = ("train", "--mode", "lora", *QUICK, "--seeds", "42,43")
    whole = Place(tmp_path / "whole", place.data, place.base)
    whole.root.mkdir()

    here, there = whole.run(*command), place.run(*command, "--ray", LOCAL, NO_SOCKETS="")

    assert (here.code, there.code) == (DONE, DONE), there.err
    assert there.out == here.out
    assert there.err == here.err == ""
    assert infos(place.root) == infos(whole.root)
