"""What an independent task costs beside its work, and what several at once gain.

    python -m benchmarks.scaling [--data-dir DIR] [--tasks 2] [--rounds 3]

A task is a training of one epoch with a seed of its own. Each arrangement does the same tasks; `ARRANGEMENTS` is the
table, and one more scheduler is one more line. Seconds of the processor are shown beside seconds, because another load
on the machine changes them less; those of Ray's processes cannot be counted. A cluster of nodes stands before its tasks
are timed; `--ray local` starts and ends its own within that time.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import click
from rich.console import Console
from rich.table import Table

from benchmarks.machine import description
from src.core.paths import SHIPPED_DATA
from src.models import TrainingInfo
from src.scheduling.with_ray import LOCAL
from src.storage.files import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

Work = Callable[["Place", Sequence[int]], None]

FIRST_SEED = 42
_RECIPE = ("--mode", "lora", "--epochs", "1", "--warmup-steps", "0")
_LOAD = """
from src.embedding.base_model import resolve_base_model
from src.embedding.loading import go_offline, loaded_model
go_offline()
with loaded_model(resolve_base_model(None), "cpu") as model:
    del model
"""
# what every task does before its own work; each line holds the ones above it, but for the help
_STARTS = {
    "Python": "pass",
    "Python and the libraries of a training": "import src.lora_trainer",
    "Python, the libraries and a loaded model": f"import src.lora_trainer\n{_LOAD}",
}
console = Console()


class Cost(NamedTuple):
    """What something took."""

    seconds: float
    processor: float | None  # seconds of all cores; None where they cannot be counted


class Place(NamedTuple):
    """Where the tasks of an arrangement read and write."""

    root: Path
    data: Path

    def command(self, *seeds: int, ray: str | None = None) -> list[str]:
        """A command that trains with some seeds, below a root of its own."""
        own = self.root / str(seeds[0])
        shared = ("--root", str(own), "--data-dir", str(self.data), "-q", "train", *_RECIPE)
        scheduler = ("--ray", ray) if ray else ()
        return [sys.executable, "-m", "src.cli", *shared, "--seeds", ",".join(map(str, seeds)), *scheduler]

    def weights(self) -> dict[int, str]:
        """The hash of the weights that each seed gave."""
        infos = (read_json(path, TrainingInfo) for path in self.root.glob("*/training/*_training_info.json"))
        return {info.config.seed: info.weights_sha256 for info in infos}


def in_one_process(place: Place, seeds: Sequence[int]) -> None:
    """One after another, in one process with one thread."""
    _run(place.command(*seeds))


def in_one_process_with_all_threads(place: Place, seeds: Sequence[int]) -> None:
    """One after another, in one process that takes all cores."""
    _run(place.command(*seeds), threads=os.cpu_count() or 1)


def a_process_each(place: Place, seeds: Sequence[int]) -> None:
    """One after another, each in a process of its own."""
    for seed in seeds:
        _run(place.command(seed))


def a_process_each_at_once(place: Place, seeds: Sequence[int]) -> None:
    """As many processes at once as there are cores, with one thread each."""
    waiting, cores = list(seeds), os.cpu_count() or 1
    while waiting:
        now, waiting = waiting[:cores], waiting[cores:]
        with ExitStack() as running:
            for started in [_start(place.command(seed)) for seed in now]:
                running.callback(_finish, started)


def on_ray_of_this_machine(place: Place, seeds: Sequence[int]) -> None:
    """A cluster of this machine, that begins and ends with the command."""
    _run(place.command(*seeds, ray=LOCAL))


@contextmanager
def ray_nodes() -> Iterator[Work]:
    """A cluster of this machine with a node of one processor for each core."""
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", OMP_NUM_THREADS="1")
    from ray.cluster_utils import Cluster  # noqa: PLC0415 - slow, and only for this arrangement

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    for _ in range(1, os.cpu_count() or 1):
        cluster.add_node(num_cpus=1)
    try:
        yield lambda place, seeds: _run(place.command(*seeds, ray=cluster.address))
    finally:
        cluster.shutdown()


def _without_cluster(work: Work) -> Callable[[], AbstractContextManager[Work]]:
    return lambda: nullcontext(work)


ARRANGEMENTS: dict[str, Callable[[], AbstractContextManager[Work]]] = {
    "one process, one thread": _without_cluster(in_one_process),
    "one process, a thread a core": _without_cluster(in_one_process_with_all_threads),
    "a process each, one after another": _without_cluster(a_process_each),
    "a process each, one a core at once": _without_cluster(a_process_each_at_once),
    "`--ray local`": _without_cluster(on_ray_of_this_machine),
    "`--ray HOST:PORT`, a node a core": ray_nodes,
}


def _start(command: Sequence[str], threads: int = 1) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - the project's own


def _finish(process: subprocess.Popen[bytes]) -> None:
    if process.wait():
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")


def _run(command: Sequence[str], threads: int = 1) -> None:
    _finish(_start(command, threads))


def cost_of(work: Callable[[], object]) -> Cost:
    """What some work in other processes takes."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(time.perf_counter() - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _processor(cost: Cost) -> str:
    return "-" if cost.processor is None else f"{cost.processor:.1f}"


def _shown(costs: Sequence[Cost]) -> tuple[str, str]:
    seconds = [cost.seconds for cost in costs]
    spread = f"{median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"
    return spread, f"{median(cost.processor or 0.0 for cost in costs):.2f}"


def starts(rounds: int) -> Table:
    """What a process needs before its own work."""
    table = Table("before its work", "s", "processor s", title="a task's start")
    for name, code in _STARTS.items():
        work = partial(_run, [sys.executable, "-c", code])
        table.add_row(name, *_shown([cost_of(work) for _ in range(rounds)]))
    return table


def arrangements(data: Path, n_tasks: int) -> Table:
    """The same tasks in every arrangement, and whether each gave the same weights as the first."""
    seeds = range(FIRST_SEED, FIRST_SEED + n_tasks)
    table = Table("tasks", "s", "processor s", "times as fast", "same weights", title=f"{n_tasks} trainings")
    first: tuple[Cost, dict[int, str]] | None = None
    for name, arranged in ARRANGEMENTS.items():
        with tempfile.TemporaryDirectory() as folder, arranged() as work:
            place = Place(Path(folder), data)
            cost = cost_of(partial(work, place, seeds))
            weights = place.weights()
        if "ray" in name:
            cost = cost._replace(processor=None)
        first = first or (cost, weights)
        same = sum(weights[seed] == first[1][seed] for seed in seeds)
        ratio = first[0].seconds / cost.seconds
        table.add_row(name, f"{cost.seconds:.1f}", _processor(cost), f"{ratio:.2f}", f"{same} of {n_tasks}")
    return table


@click.command()
@click.option("--data-dir", type=click.Path(path_type=Path), default=SHIPPED_DATA, help="Pairs to train on.")
@click.option("--tasks", type=int, default=2, show_default=True, help="Trainings of each arrangement.")
@click.option("--rounds", type=int, default=3, show_default=True, help="How often a start is measured.")
def main(data_dir: Path, tasks: int, rounds: int) -> None:
    """Measure, and print two tables."""
    console.print(description(), soft_wrap=True)
    console.print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
    console.print(starts(rounds))
    console.print(arrangements(data_dir.resolve(), tasks))


if __name__ == "__main__":
    main()
