"""The user's folder for caches, where libraries keep what they compiled or found out."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_VARIABLE = "XDG_CACHE_HOME"


def ensure_user_cache() -> None:
    """Give libraries a temporary folder for their caches where the user's own cannot be written.

    Without one, numba compiles nothing where the installation is read-only, and fontconfig complains on stderr. Call
    this before the import of a library that keeps a cache. The temporary folder is removed when the process ends.
    """
    if _can_be_written():
        return
    folder = tempfile.mkdtemp(prefix="cache-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[_VARIABLE] = folder


def _can_be_written() -> bool:
    """Whether a file can be made in the user's cache folder, which is made too if it is not there."""
    given = os.environ.get(_VARIABLE)
    try:
        folder = Path.home() / ".cache" if given is None else Path(given)
        if not folder.is_absolute():
            return False
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except (OSError, RuntimeError):  # a RuntimeError where the user has no home
        return False
    return True
