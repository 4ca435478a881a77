"""Where results go: standard output."""

from __future__ import annotations

from typing import Any

from ..core.distributed import is_main_process


def stdout() -> Any:  # noqa: ANN401 - its type would import Rich here
    """A Rich console on standard output; of several processes the first alone prints."""
    from ..core.progress import PatientConsole  # noqa: PLC0415 - not for --help

    return PatientConsole(highlight=False, quiet=not is_main_process())


def takes_unicode(stream: object) -> bool:
    """Whether a stream has every character."""
    return str(getattr(stream, "encoding", None)).lower().startswith("utf")
