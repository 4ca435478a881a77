"""Fixtures of the whole suite."""

from __future__ import annotations

import dataclasses
import logging
import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis.configuration import set_hypothesis_home_dir
from rich.logging import RichHandler

from src.models import PairSet
from tests.support.data_files import write_data
from tests.support.real_command import Ended, shared_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from src.workflow.context import RunContext

    PairSetFactory = Callable[..., PairSet]


def pytest_configure(config: pytest.Config) -> None:
    """What Hypothesis keeps for a later run does not lie in the repository."""
    folder = TemporaryDirectory(prefix="hypothesis-")
    config.add_cleanup(folder.cleanup)
    set_hypothesis_home_dir(folder.name)


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """A shell that starts the tests in the background has them, and every command they start, ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def logging_kept() -> Iterator[None]:
    """Whatever a test, or a command it calls, sets up is taken back: the next one starts as a process would."""
    root, own = logging.getLogger(), logging.getLogger("src")
    levels = root.level, own.level
    yield
    # capturing twice is capturing once: left on, the next set-up would do nothing
    logging.captureWarnings(capture=False)
    for handler in [handler for handler in root.handlers if isinstance(handler, RichHandler)]:
        root.removeHandler(handler)
    root.setLevel(levels[0])
    own.setLevel(levels[1])


@pytest.fixture
def _undo_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command sets the environment and a signal for its whole process; here the process goes on."""
    for name in (
        "HF_HUB_OFFLINE",
        "HF_DATASETS_OFFLINE",
        "HF_HUB_DISABLE_TELEMETRY",
        "HF_HUB_DISABLE_PROGRESS_BARS",
        "TOKENIZERS_PARALLELISM",
    ):
        monkeypatch.setenv(name, os.environ.get(name, "1"))
    monkeypatch.setenv("COLUMNS", "80")
    before = signal.getsignal(signal.SIGXFSZ)
    yield
    signal.signal(signal.SIGXFSZ, before)


@pytest.fixture
def pair_set() -> PairSetFactory:
    """Makes the pairs of a file from any of its columns; what is not given is plain and the same in every row."""

    def make(
        text_1: Sequence[str],
        text_2: Sequence[str],
        labels: Sequence[int] | None = None,
        name: str = "pairs.jsonl",
        **columns: Sequence[str],
    ) -> PairSet:
        n = len(text_1)
        plain = {"category": ["values"] * n, "subcategory": ["general"] * n, "pair_type": ["curated_realistic"] * n}
        return PairSet(
            path=Path(name),
            sha256="0" * 64,
            text_1=list(text_1),
            text_2=list(text_2),
            labels=np.array([i % 2 for i in range(n)] if labels is None else labels, dtype=np.int8),
            lines=np.arange(1, n + 1),
            **plain | {key: list(values) for key, values in columns.items()},
        )

    return make


@pytest.fixture
def random_pairs(pair_set: PairSetFactory) -> PairSetFactory:
    """Makes N pairs of random words from a vocabulary of 2,000, labels at random: nothing to find in them."""

    def make(n: int, seed: int = 0, **columns: Sequence[str]) -> PairSet:
        rng = np.random.default_rng(seed)
        sides = [
            [f"{who}: " + " ".join(f"word{i}" for i in rng.integers(0, 2000, rng.integers(4, 16))) for _ in range(n)]
            for who in ("boy", "girl")
        ]
        return pair_set(*sides, labels=rng.integers(0, 2, n).tolist(), **columns)

    return make


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a real sentence-transformers model with 2 layers, 32 dimensions and random weights, built offline."""
    from tests.support.tiny_model import build_tiny_model  # imports torch: only for the tests that need it

    return build_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder of 48 + 24 + 16 small pairs, both labels in every category."""
    folder = tmp_path / "data"
    write_data(folder)
    return folder


@pytest.fixture
def context(tmp_path: Path, data_dir: Path, tiny_model: Path) -> RunContext:
    """A run in an empty root, on small data, with the tiny model."""
    from src.core.paths import ProjectPaths
    from src.core.progress import Reporter
    from src.workflow.context import RunContext

    return RunContext(
        paths=ProjectPaths(root=tmp_path / "root", data_dir=data_dir),
        base_model=str(tiny_model),
        device_wanted="cpu",
        command="tests",
        reporter=Reporter(-1),
    )


@pytest.fixture
def run(
    context: RunContext,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    _undo_settings: None,
) -> Callable[..., Ended]:
    """Runs a command line in this process, in an empty root; a later option takes the place of an earlier one."""
    from src.cli import entry

    def start(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["cli", *shared_options(context), *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            entry()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return start


@pytest.fixture
def finished(context: RunContext) -> RunContext:
    """The same run, finished."""
    from tests.support.finished_run import copy_finished_run

    copy_finished_run(context)
    return context


@pytest.fixture
def judged(context: RunContext) -> RunContext:
    """A run that trained nothing, and judged and compared three models of others."""
    from tests.support.judged_run import copy_judged_run

    return copy_judged_run(context)


@pytest.fixture
def fresh(context: RunContext) -> Callable[[], RunContext]:
    """Makes the context of a later command in the same root, which reads the data anew."""

    def make() -> RunContext:
        return dataclasses.replace(context)

    return make
