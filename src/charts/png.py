"""Figures to PNG files, atomically."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ..storage.files import write_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.figure import Figure

_DPI = 220


def save_charts(folder: Path, figures: Mapping[str, Figure]) -> list[Path]:
    """Write each figure as `<name>.png`.

    Args:
        folder: Where to.
        figures: File stem to figure.

    Returns:
        The files written.
    """
    written = []
    for name, figure in figures.items():
        buffer = io.BytesIO()
        # no software version inside, so that equal pictures are equal files
        figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
        path = folder / f"{name}.png"
        write_bytes(path, buffer.getvalue())
        written.append(path)
    return written
