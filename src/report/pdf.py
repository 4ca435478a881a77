"""A page as a PDF, printed by a Chromium that is there; none is brought along."""

from __future__ import annotations

import os
import shutil
import subprocess
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 120


def chromium() -> str | None:
    """Where a Chromium lies; None where there is none on the path."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


def print_pdf(program: str, page: Path, pdf: Path) -> bool:
    """Print an HTML file to a PDF, without a network and without a trace in the user's own profile.

    Args:
        program: A Chromium.
        page: The HTML file.
        pdf: Where to.

    Returns:
        Whether there is a PDF now.
    """
    with TemporaryDirectory(prefix="pdf-") as profile:
        command = [
            *(program, "--headless", "--disable-gpu", "--no-pdf-header-footer", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *("--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}"),
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
            *(f"--print-to-pdf={pdf}", page.absolute().as_uri()),
        ]
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=_SECONDS)  # noqa: S603 - a list, no shell
        except (OSError, subprocess.SubprocessError):
            pdf.unlink(missing_ok=True)
    return pdf.is_file()
