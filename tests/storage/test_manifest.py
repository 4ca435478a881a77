from __future__ import annotations

from typing import TYPE_CHECKING, Never

import pytest

from src.core.errors import ArtifactError
from src.models import OutputFile
from src.storage import manifest
from src.storage.manifest import damage_of, output_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["a\0b", "x" * 9_000])
def test_a_name_that_no_file_system_takes_is_damage_and_no_crash(tmp_path: Path, name: str) -> None:
    output = OutputFile(path=name, size=1, sha256="0" * 64)

    assert damage_of(output, tmp_path, verify=True).partition(" cannot be read: ")[2]


def test_a_file_that_cannot_be_hashed_is_damage_and_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("soup")
    output = output_file(tmp_path / "a", tmp_path)

    def fail(_: Path) -> Never:
        raise ArtifactError("a: cannot be read: Permission denied")

    monkeypatch.setattr(manifest, "sha256_file", fail)

    assert damage_of(output, tmp_path, verify=True) == "a cannot be read"
    assert damage_of(output, tmp_path, verify=False) == ""
