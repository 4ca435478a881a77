"""Results of a stage made old, so that old and new ones can be told apart by their bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.models import OutputFile, StageRecord
from src.storage.files import read_json, sha256_file, write_json
from src.storage.manifest import damage_of, output_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from src.core.paths import ProjectPaths

OLDER = "older"


def records_of(paths: ProjectPaths, names: Sequence[str]) -> list[tuple[StageRecord, list[OutputFile]]]:
    """Each record of a stage with its own files: without those of a record before it, which must stand for it too."""
    found, others = [], set()
    for name in names:
        record = read_json(paths.stage_record(name), StageRecord)
        found.append((record, [output for output in record.provenance.outputs if output.path not in others]))
        others |= {output.path for output in record.provenance.outputs}
    return found


def age(paths: ProjectPaths, names: Sequence[str]) -> dict[str, str]:
    """Make the results of a stage old: it has to be run again, and until it has, its files are the old ones.

    A byte of every file becomes another one than a run writes, and the record believes that it was always so; what is
    old already stays as it is.

    Args:
        paths: The project's paths.
        names: The records that the stage writes.

    Returns:
        Path of each file to the hash that says that it is the old one.
    """
    aged: dict[str, str] = {}
    for record, own in records_of(paths, names):
        if record.inputs["code"] != OLDER:
            changed = {output.path: _with_another_end(paths.root / output.path, paths.root) for output in own}
            outputs = tuple(changed.get(output.path, output) for output in record.provenance.outputs)
            provenance = record.provenance.model_copy(update={"outputs": outputs})
            old = record.model_copy(update={"inputs": record.inputs | {"code": OLDER}, "provenance": provenance})
            write_json(paths.stage_record(record.stage), old)
        aged |= {output.path: sha256_file(paths.root / output.path) for output in own}
    return aged


def _with_another_end(file: Path, root: Path) -> OutputFile:
    """Change the last byte of a file; JSON of ours, which ends in a line feed, can be read as before."""
    content = file.read_bytes()
    file.write_bytes(content[:-1] + (b" " if content.endswith(b"\n") else bytes([content[-1] ^ 1])))
    return output_file(file, root)


def check_old_or_new(paths: ProjectPaths, names: Sequence[str], aged: dict[str, str]) -> set[bool]:
    """The files of a stage are the old ones exactly when its record is, and every stage's files are as recorded.

    Returns:
        Whether the records are old; both where one of them is and another is not.
    """
    outputs = [output for _, own in records_of(paths, names) for output in own]
    for file in paths.lock.parent.glob("*.json"):
        if file.stem not in names:
            outputs.extend(read_json(file, StageRecord).provenance.outputs)
    assert [damage for output in outputs if (damage := damage_of(output, paths.root, verify=True))] == []
    found = set()
    for record, own in records_of(paths, names):
        is_old = record.inputs["code"] == OLDER
        assert {sha256_file(paths.root / output.path) == aged.get(output.path) for output in own} == {is_old}, record
        found.add(is_old)
    return found
