"""Files that are written at the user's request, outside of the root."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..core.errors import UserInputError

if TYPE_CHECKING:
    from pathlib import Path


def refuse_to_replace(path: Path, *, force: bool) -> None:
    """Refuse to write where something stands, a dangling link too, unless that is wanted.

    Raises:
        UserInputError: It is not wanted.
    """
    if os.path.lexists(path) and not force:
        raise UserInputError(f"{path}: is there already; --force replaces it, or choose another --out")
