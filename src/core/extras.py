"""Optional packages: which extra brings them, and what to say where they are missing."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from .errors import UserInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

DISTRIBUTION = "embedding-finetune-evidence"


def require_extra(extra: str, modules: Sequence[str], wanted_by: str) -> None:
    """Refuse, before any work, what needs a package that is not installed.

    Args:
        extra: The extra of this project that brings the packages.
        modules: Names that are imported.
        wanted_by: The option that needs them, for the message.

    Raises:
        UserInputError: One of them cannot be found.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise UserInputError(
            f"{wanted_by}: needs {' and '.join(missing)}, not installed here; "
            f'run `pip install "{DISTRIBUTION}[{extra}]"` first'
        )
