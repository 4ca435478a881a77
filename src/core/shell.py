"""Words of a command as they can be pasted into a shell."""

from __future__ import annotations

import os
import shlex

# no system has a longer path
PATH_BYTES = 4096
_SPECIAL = "\\'"


def shell_word(value: str) -> str:
    """A value of an option as it can be pasted into a shell, or `...` where it is too long to be a path."""
    if len(os.fsencode(value)) > PATH_BYTES:
        return "..."
    if value.isprintable():
        return shlex.quote(value)
    # the only quotation in which a line break and a byte that is not UTF-8 can be written
    return f"$'{''.join(char if char.isprintable() and char not in _SPECIAL else _octal(char) for char in value)}'"


def _octal(char: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in os.fsencode(char))
