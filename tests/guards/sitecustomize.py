"""Python imports this at its start where this folder is on PYTHONPATH: guards for a test's own subprocesses.

STOP_BELOW=FOLDER STOP_AT=N   kill -9 before the Nth change of a file below the folder
STOP_BELOW=FOLDER COUNT_TO=F  write into F, at the end, how many such changes there were
NO_SOCKETS=1                  every use of a socket is an error, which nothing may swallow
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
    """Counts the changes of files below a folder, and calls `stop` before the one that was asked for."""

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


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def forbid_sockets(event: str, _: tuple) -> None:
    if event.startswith("socket."):
        os.write(2, f"a socket was used: {event}\n".encode())
        os._exit(99)


if folder := os.environ.get("STOP_BELOW"):
    changes = Changes(folder, kill)
    changes.at = int(os.environ.get("STOP_AT", "0"))
    sys.addaudithook(changes.hook)
    if count_to := os.environ.get("COUNT_TO"):
        atexit.register(lambda: Path(count_to).write_text(str(changes.seen), encoding="utf-8"))
if os.environ.get("NO_SOCKETS"):
    sys.addaudithook(forbid_sockets)
