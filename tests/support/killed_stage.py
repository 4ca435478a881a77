"""A stage, killed at each system call that changes a file; a program of its own, because it forks.

    python -m tests.support.killed_stage STAGE ROOT DATA BASE_MODEL MOST

A fork does the work while strace is attached to it and sends SIGKILL on the Nth call of one name, before the call is
done. After each kill the next command reads and the one after it writes; the files must be the old ones or the new
ones, and nothing may be left over. Of more than MOST calls every k-th is taken, for the smallest k that will do.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from src.core.paths import ProjectPaths
from src.core.progress import Reporter
from src.storage.transaction import recover
from src.workflow.context import RunContext
from tests.support.aged_stage import age, check_old_or_new
from tests.support.real_command import leftovers

if TYPE_CHECKING:
    from collections.abc import Callable

KILLED = -signal.SIGKILL
CALLS = (
    "open", "openat", "creat", "write", "pwrite64", "writev", "pwritev", "ftruncate", "truncate", "fallocate",
    "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "link", "linkat",
    "symlink", "symlinkat", "fsync", "fdatasync", "chmod", "fchmod", "fchmodat", "fchmodat2", "sendfile",
    "copy_file_range",
)  # fmt: skip
# a question mark lets strace pass over a name that this machine has not
TRACED = "trace=" + ",".join(f"?{name}" for name in CALLS)
OPENED_TO_READ = re.compile(r"^open(at)?\((?!.*O_(CREAT|WRONLY|RDWR|TRUNC))")
EVERY_WHOLE_RUN = 10


class Call(NamedTuple):
    """The Nth call of a name in the main thread, from 1."""

    name: str
    n: int


class Subject(NamedTuple):
    """What is killed, and how to tell what it left."""

    work: Callable[[], object]
    before: Callable[[], object]  # lays out the root, in which the files are the old ones
    check: Callable[[], set[bool]]  # whether the files are the old ones
    next_command: Callable[[], object]  # recovers


# --- one run --------------------------------------------------------------------------------------------


def forked(work: Callable[[], object], *options: str, log: Path | None = None) -> int:
    """Do the work in a fork under strace; without a log, undisturbed.

    Returns:
        The exit code, negative for a signal.
    """
    ready, go = os.pipe()
    pid = os.fork()
    if not pid:
        _work_and_end(work, ready)
    os.close(ready)
    strace = None if log is None else _attached(pid, log, *options)
    os.write(go, b"x")
    os.close(go)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if strace is not None:
        strace.wait()
    return code


def _work_and_end(work: Callable[[], object], ready: int) -> None:
    code = 1
    try:
        os.read(ready, 1)
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - a fork must not go on with what the parent does
        traceback.print_exc()
    finally:
        os._exit(code)


def _attached(pid: int, log: Path, *options: str) -> subprocess.Popen[bytes]:
    strace = subprocess.Popen(["strace", "-f", "-qq", "-y", "-o", str(log), "-e", TRACED, *options, "-p", str(pid)])
    while f"TracerPid:\t{strace.pid}\n" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8"):
        if strace.poll() is not None:
            raise RuntimeError(f"strace ended with {strace.returncode}")
        time.sleep(0.002)
    return strace


def calls_that_change_files(log: Path, root: Path) -> list[Call]:
    """The calls of the main thread below a root that change a file there, in order."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    main = lines[0].split(maxsplit=1)[0]
    found, seen = [], Counter[str]()
    for line in lines:
        thread, call = line.split(maxsplit=1)
        name = call.partition("(")[0]
        if thread != main or name not in CALLS:
            continue
        seen[name] += 1
        if f"{root}/" in call and not OPENED_TO_READ.match(call):
            found.append(Call(name, seen[name]))
    return found


# --- subjects -------------------------------------------------------------------------------------------


def publication(paths: ProjectPaths) -> Subject:
    """A transaction by itself."""
    from tests.storage.test_transaction import NEW_ONLY, OLD_ONLY, contents, expected, publish

    old, new = expected("old", OLD_ONLY), expected("new", NEW_ONLY)

    def before() -> None:
        shutil.rmtree(paths.root, ignore_errors=True)
        paths.lock.parent.mkdir(parents=True)
        publish(paths, "old", OLD_ONLY)

    def check() -> set[bool]:
        recover(paths)
        found = contents(paths)
        assert found in (old, new), found
        return {found == old}

    return Subject(lambda: publish(paths, "new", NEW_ONLY), before, check, lambda: recover(paths))


def stage_of_a_run(name: str, context: RunContext) -> Subject:
    """A stage in a root with a finished run in which it has become old."""
    records, work = _stages(context)[name]
    _import_all(name, context, records, work)
    aged = age(context.paths, records)
    kept = context.paths.root.with_name("kept")
    shutil.copytree(context.paths.root, kept)

    def before() -> None:
        shutil.rmtree(context.paths.root)
        shutil.copytree(kept, context.paths.root)

    def check() -> set[bool]:
        dataclasses.replace(context).consistent_read(lambda: None)
        return check_old_or_new(context.paths, records, aged)

    def next_command() -> None:
        with dataclasses.replace(context).writing():
            pass

    return Subject(work, before, check, next_command)


def _import_all(name: str, context: RunContext, records: tuple[str, ...], work: Callable[[], object]) -> None:
    """Do once, before the first fork, what each fork would have to do again; no fork may follow a backward pass."""
    if name == "train":
        import src.trainer  # noqa: F401
        from src.embedding.loading import loaded_model

        with loaded_model(context.base, context.device):
            return
    if context.paths.root.exists():
        age(context.paths, records)
    work()


def _stages(context: RunContext) -> dict[str, tuple[tuple[str, ...], Callable[[], object]]]:
    """The records that a stage writes, and the stage; each time in the context of a new command."""
    from src.baseline_analysis import baseline_embeddings
    from src.quality_stage import quality_stage
    from src.report_stage import baseline_report_stage
    from src.training_stage import run_training
    from tests.support.finished_run import recipe

    def new() -> RunContext:
        return dataclasses.replace(context)

    return {
        "evaluate-data": (("evaluate-data",), lambda: quality_stage(new()).ensure()),
        "embeddings": (("embeddings-baseline",), lambda: baseline_embeddings(new()).ensure()),
        "report": (("report-baseline",), lambda: baseline_report_stage(new()).ensure()),
        "train": (("train-standard",), lambda: run_training(new(), recipe("standard"), resume=True)),
    }


# --- all kills ------------------------------------------------------------------------------------------


def kill_at_each(subject: Subject, root: Path, most: int) -> dict[str, object]:
    """Kill the work at each call, or at every k-th; the numbers of what was done."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        subject.before()
        assert forked(subject.work, log=log) == 0
        calls = calls_that_change_files(log, root)
        step = math.ceil(len(calls) / most)
        counts = Counter[str]()
        for i, call in enumerate(calls[::step]):
            subject.before()
            code = forked(subject.work, "-e", f"inject={call.name}:signal=KILL:when={call.n}", log=log)
            assert code in (0, KILLED), (call, code)
            counts["killed"] += code == KILLED
            # the next command is killed too, where it has such a call
            if i % 3 == 0:
                again = calls[(7 * i) % len(calls)].name
                forked(subject.next_command, "-e", f"inject={again}:signal=KILL:when={1 + i % 5}", log=log)
            _check_next_commands(subject, root, call, counts)
            if i % EVERY_WHOLE_RUN == 0:
                assert forked(subject.work) == 0, call
                assert subject.check() == {False}, call
                assert leftovers(root) == [], call
    return {"calls": len(calls), "step": step, **counts}


def _check_next_commands(subject: Subject, root: Path, call: Call, counts: Counter[str]) -> None:
    for is_old in subject.check():
        counts["old" if is_old else "new"] += 1
    subject.next_command()
    subject.check()
    # a checkpoint that is not whole is removed by the training that passes over it
    assert [path for path in leftovers(root) if "checkpoints" not in path.parts] == [], call


def main(stage: str, root: str, data: str, base: str, most: str) -> None:
    paths = ProjectPaths(Path(root), Path(data))
    if stage == "publication":
        subject = publication(paths)
    else:
        context = RunContext(paths=paths, base_model=base, device_wanted="cpu", command="tests", reporter=Reporter(-1))
        subject = stage_of_a_run(stage, context)
    sys.stdout.write(json.dumps(kill_at_each(subject, paths.root, int(most))))


if __name__ == "__main__":
    main(*sys.argv[1:])
