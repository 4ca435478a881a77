"""The real command in a process of its own, guarded, and what it must never do whatever it is given."""

from __future__ import annotations

import hashlib
import os
import resource
import shlex
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.support.warm_process import HEAVY, LIGHT, Job, warm_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from src.core.paths import ProjectPaths
    from src.workflow.context import RunContext
    from tests.support.warm_process import WarmProcess

REPOSITORY = Path(__file__).parents[2]
DONE, FAILED, WRONG, REFUSED, INTERRUPTED = 0, 1, 2, 3, 130
# what a writer may only leave behind when it is killed
LEFTOVERS = (".*.tmp-*", "new-*", "ready-*", "old-*")
NO_LIMITS: Mapping[int, int] = MappingProxyType({})
# what a copy of a process can be given; other variables are read by libraries when they are imported
GUARDS = {
    "CHANGE_WHEN_OPENED",
    "COLUMNS",
    "COUNT_TO",
    "NO_SOCKETS",
    "NO_TORCH",
    "NUMBA_DISABLE_JIT",
    "STOP_AT",
    "STOP_BELOW",
    "STOP_BY",
}
_HOLD = """
import sys
from pathlib import Path
from src.core.paths import ProjectPaths
from src.storage.lock import RunLock

root = Path(sys.argv[1])
with RunLock(ProjectPaths(root, root / "data" / "raw"), "python -m src.cli run").held():
    print("held", flush=True)
    sys.stdin.read()
"""
QUICK = ("--epochs", "1", "--batch-size", "8", "--learning-rate", "1e-2", "--warmup-steps", "2", "--eval-steps", "2")


class Ended(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Place(NamedTuple):
    """Where a command works: options that every command line of a test shares."""

    root: Path
    data: Path
    base: Path

    def run(
        self,
        *arguments: str | Path,
        wrapper: Sequence[str] = (),
        before: Callable[[], None] | None = None,
        limits: Mapping[int, int] = NO_LIMITS,
        timeout: float | None = None,
        **environment: str,
    ) -> Ended:
        """Run a command line to its end, in a copy of a process that has imported what it needs, or in a new one.

        Args:
            arguments: The command and its options; a shared option given here takes the place of this place's.
            wrapper: A command that starts it, for example one that gives up rights.
            before: Called in a new process, before the command.
            limits: Resources that the process may use, by their number in `resource`.
            timeout: Seconds after which it counts as hanging.
            environment: Guards, see `tests/support/guards/sitecustomize.py`; no socket may be used in any case.
        """
        if sys.platform == "linux" and not wrapper and before is None and environment.keys() <= GUARDS:
            warm = warm_process(LIGHT if "NO_TORCH" in environment else HEAVY)
            if warm.is_ready:
                return self._run_in(warm, arguments, limits, timeout, environment)

        def prepare() -> None:
            for limit, value in limits.items():
                resource.setrlimit(limit, (value, value))
            if before is not None:
                before()

        ended = subprocess.run(
            [*wrapper, *self.command_line(*arguments)],
            env=self.environment(**environment),
            cwd=self.root.parent,
            preexec_fn=prepare,
            capture_output=True,
            check=False,
            timeout=timeout,
        )
        return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode(errors="surrogateescape"))

    def _run_in(
        self,
        warm: WarmProcess,
        arguments: Sequence[str | Path],
        limits: Mapping[int, int],
        timeout: float | None,
        environment: Mapping[str, str],
    ) -> Ended:
        with NamedTemporaryFile() as out, NamedTemporaryFile() as err:
            job = Job(
                self.command_line(*arguments)[3:],
                self.environment(**environment),
                str(self.root.parent),
                list(limits.items()),
                out.name,
                err.name,
            )
            code = warm.run(job, timeout)
            return Ended(code, out.read().decode(), err.read().decode(errors="surrogateescape"))

    def command_line(self, *arguments: str | Path) -> list[str]:
        """A command of this place, with the options that all share."""
        return [sys.executable, "-m", "src.cli", *map(os.fspath, (*self._shared(), "-q", *arguments))]

    def program(self) -> str:
        """How the commands begin that a message tells to run."""
        return shlex.join(["python", "-m", "src.cli", *map(os.fspath, self._shared())])

    def _shared(self) -> tuple[str | Path, ...]:
        return "--root", self.root, "--data-dir", self.data, "--base-model", self.base, "--device", "cpu"

    @staticmethod
    def environment(**more: str) -> dict[str, str]:
        """The environment of a guarded command."""
        folders = os.pathsep.join(map(str, (REPOSITORY / "tests" / "support" / "guards", REPOSITORY)))
        own = {"PYTHONPATH": folders, "COLUMNS": "80", "OMP_NUM_THREADS": "1", "NO_SOCKETS": "1"}
        # a notebook hands this down; the backend is not installed here
        own["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        # hundreds of processes need not compile this package again each time
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**inherited, **own, **more}

    def hashes(self) -> dict[str, str]:
        """Every file, folder and link around the root: what it is and, of a file, mode and SHA-256."""
        return {str(path.relative_to(self.root.parent)): _state(path) for path in self.root.parent.rglob("*")}


def _state(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    if not path.is_file():
        return "folder" if path.is_dir() else "other"
    return f"{path.stat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def shared_options(context: RunContext) -> list[str]:
    """What the command lines of a test begin with that run in its own process."""
    paths = context.paths
    places = ["--root", str(paths.root), "--data-dir", str(paths.data_dir), "--base-model", str(context.base_model)]
    return [*places, "--device", "cpu"]


def leftovers(root: Path) -> list[Path]:
    """Files of a writer's that must be gone when it has ended."""
    return sorted(path for pattern in LEFTOVERS for path in root.rglob(pattern))


def without_provenance(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A result without the time and the machine that made it."""
    if isinstance(value, dict):
        return {key: without_provenance(inner) for key, inner in value.items() if key != "provenance"}
    return [without_provenance(inner) for inner in value] if isinstance(value, list) else value


def is_one_line_of_error(text: str) -> bool:
    """Whether a message is one line that begins as errors do, in which a terminal meets nothing but text."""
    line = text.removesuffix("\n")
    return text.startswith("Error: ") and line.isprintable()


@contextmanager
def another_writer(paths: ProjectPaths) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock of a root until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(paths.root)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
