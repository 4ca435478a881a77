"""Python imports this at its start where this folder is on PYTHONPATH: guards for the tests' own subprocesses.

STOP_BELOW=FOLDER STOP_AT=N STOP_BY=SIGNAL  send itself a signal before the Nth change of a file below the folder
STOP_BELOW=FOLDER COUNT_TO=FILE             write into the file, at the end, how many such changes there were
CHANGE_WHEN_OPENED=FILE                     a space is added to the file when it is first opened
NO_SOCKETS=1                                any use of a socket ends the process with 99
NO_TORCH=1                                  an import of torch, which loading a model needs, ends it with 98
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from pathlib import Path

CHANGES = frozenset(
    {"os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate"}
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Changes:
    """Counts the changes of files below a folder, and calls `stop` before each from the one on that was asked for."""

    def __init__(self, folder: str, stop) -> None:
        self.folder = folder
        self.stop = stop
        self.at = 0
        self.seen = 0

    def hook(self, event: str, args: tuple) -> None:
        changes = event in CHANGES or (event == "open" and (args[2] or 0) & WRITING)
        if changes and isinstance(args[0], str | bytes | os.PathLike) and self.is_below(os.fsdecode(args[0]), args[-1]):
            self.seen += 1
            if self.at and self.seen >= self.at:
                self.stop()

    def is_below(self, path: str, last: object) -> bool:
        # shutil.rmtree removes by names within an open folder; nothing else here does
        within_open_folder = not path.startswith("/") and isinstance(last, int) and last > 0
        return path.startswith(self.folder + "/") or within_open_folder


def stop_by(name: str, changes: list[Changes]) -> None:
    changes[0].at = 0
    os.kill(os.getpid(), signal.Signals[name])


def forbid_sockets(event: str, _: tuple) -> None:
    if event.startswith("socket."):
        end(99, f"a socket was used: {event}")


def forbid_torch(event: str, args: tuple) -> None:
    if event == "import" and args[0] == "torch":
        end(98, "torch was imported")


def end(code: int, why: str) -> None:
    os.write(2, f"{why}\n".encode())
    os._exit(code)


def change(file: str, done: list[str]) -> None:
    if not done:
        done.append(file)
        with Path(file).open("a", encoding="utf-8") as opened:
            opened.write(" ")


def install() -> None:
    if folder := os.environ.get("STOP_BELOW"):
        cell: list[Changes] = []
        cell.append(Changes(folder, lambda: stop_by(os.environ.get("STOP_BY", "SIGKILL"), cell)))
        cell[0].at = int(os.environ.get("STOP_AT", "0"))
        sys.addaudithook(cell[0].hook)
        if count_to := os.environ.get("COUNT_TO"):
            atexit.register(lambda: Path(count_to).write_text(str(cell[0].seen), encoding="utf-8"))
    if file := os.environ.get("CHANGE_WHEN_OPENED"):
        done: list[str] = []
        sys.addaudithook(lambda event, args: change(file, done) if event == "open" and str(args[0]) == file else None)
    if os.environ.get("NO_SOCKETS"):
        sys.addaudithook(forbid_sockets)
    if os.environ.get("NO_TORCH"):
        sys.addaudithook(forbid_torch)


install()
