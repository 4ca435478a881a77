"""Paths that an option names."""

from __future__ import annotations

import os
from pathlib import Path

from ..core.errors import UserInputError


def real_path(option: str, path: Path) -> Path:
    """The absolute path behind all links.

    Raises:
        UserInputError: There is none, because the working folder was removed.
    """
    try:
        # Path.resolve fails on a link to itself
        return Path(os.path.realpath(path))
    except OSError as error:
        raise UserInputError(f"{option} {path}: cannot be found: {error.strerror}; name another folder") from None
