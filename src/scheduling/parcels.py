"""Files that travel between two machines as one value, each with its hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..core.errors import PipelineError
from ..storage.files import write_bytes
from ..storage.transaction import files_below

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Parcel:
    """The files of a folder.

    Attributes:
        files: Content of each file by its path below the folder, with slashes.
        sha256: Hash of each, made where it was packed.
    """

    files: Mapping[str, bytes]
    sha256: Mapping[str, str]

    def unpack(self, folder: Path) -> None:
        """Write the files below a folder.

        Raises:
            PipelineError: A file is not the one that was packed, or its path leads elsewhere; nothing was written.
        """
        if self.files.keys() != self.sha256.keys():
            raise PipelineError("a file was lost on the way from a worker; run the command again")
        for name, content in self.files.items():
            place = PurePosixPath(name)
            if place.is_absolute() or ".." in place.parts or "\\" in name:
                raise PipelineError(f"a worker sent a file with the path {name!r}, which leads out of its folder")
            if hashlib.sha256(content).hexdigest() != self.sha256[name]:
                raise PipelineError(f"{name}: changed on the way from a worker; run the command again")
        for name, content in self.files.items():
            write_bytes(folder / name, content)


def packed(folder: Path, files: list[Path] | None = None) -> Parcel:
    """The files of a folder, or some of them, as one value."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files or files_below(folder)}
    return Parcel(found, {name: hashlib.sha256(content).hexdigest() for name, content in found.items()})
