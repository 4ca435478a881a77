"""What a finished stage was made from and what it wrote; tells fresh from stale, missing and damaged."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from src.artifacts import fingerprint, read_json, sha256_file, write_json
from src.errors import ArtifactError, MissingStageError
from src.models import OutputFile, StageRecord, StageState, StageStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from src.paths import ProjectPaths
    from src.run_context import RunContext


def write_record(
    paths: ProjectPaths, stage: str, inputs: Mapping[str, str], outputs: Iterable[Path], duration: float
) -> StageRecord:
    """Close a stage: from now on it counts as done with these inputs.

    Args:
        paths: The project's paths.
        stage: Name of the stage.
        inputs: Name of each input to its hash or value.
        outputs: Every file that the stage wrote, below the root.
        duration: Seconds that it took.
    """
    record = StageRecord(
        stage=stage,
        fingerprint=fingerprint(inputs),
        inputs=dict(inputs),
        outputs=tuple(
            OutputFile(path=path.relative_to(paths.root).as_posix(), size=path.stat().st_size, sha256=sha256_file(path))
            for path in sorted(outputs)
        ),
        duration_seconds=round(duration, 2),
    )
    write_json(paths.stage_record(stage), record)
    return record


def read_record(paths: ProjectPaths, stage: str, command: str) -> StageRecord:
    """The record of a stage that must have been run.

    Raises:
        MissingStageError: It was not run.
        ArtifactError: Its record is damaged.
    """
    try:
        return read_json(paths.stage_record(stage), StageRecord, command)
    except MissingStageError:
        raise MissingStageError(f"stage {stage} has not been run; run `{command}` first") from None


def stage_status(
    paths: ProjectPaths, stage: str, inputs: Mapping[str, str], command: str, *, verify: bool = False
) -> StageStatus:
    """Whether a stage's results still stand.

    Args:
        paths: The project's paths.
        stage: Name of the stage.
        inputs: What the stage would be made from now; names that only the record has are not compared.
        command: The command that makes the stage.
        verify: Hash every output again instead of looking at its size only.
    """
    try:
        record = read_record(paths, stage, command)
    except MissingStageError:
        return StageStatus(stage=stage, state=StageState.MISSING, reason="not run", command=command)
    except ArtifactError as error:
        return StageStatus(stage=stage, state=StageState.DAMAGED, reason=str(error), command=command)
    outputs = tuple(output.path for output in record.outputs)
    changed = [name for name, value in inputs.items() if record.inputs.get(name) != value]
    if changed:
        reason = f"changed since: {', '.join(sorted(changed))}"
        return StageStatus(stage=stage, state=StageState.STALE, reason=reason, command=command, outputs=outputs)
    damage = next(filter(None, (_damage(paths.root, output, verify=verify) for output in record.outputs)), "")
    state = StageState.DAMAGED if damage else StageState.FRESH
    return StageStatus(stage=stage, state=state, reason=damage, command=command, outputs=outputs)


def _damage(root: Path, output: OutputFile, *, verify: bool) -> str:
    path = root / output.path
    if not path.is_file():
        return f"{output.path} is gone"
    size = path.stat().st_size
    if size != output.size:
        return f"{output.path} has {size} bytes instead of {output.size}"
    if verify and sha256_file(path) != output.sha256:
        return f"{output.path} was changed since it was written"
    return ""


def ensure(
    context: RunContext, stage: str, command: str, inputs: Mapping[str, str], make: Callable[[str], Iterable[Path]]
) -> StageRecord:
    """Run a stage unless its results still stand, and record it.

    Args:
        context: The run.
        stage: Name of the stage.
        command: The command that makes it.
        inputs: Everything that its results are made from.
        make: Called with the inputs' fingerprint; does the work and returns the files it wrote.
    """
    status = stage_status(context.paths, stage, inputs, command)
    if status.state is StageState.FRESH:
        context.reporter.say(f"{stage}: up to date, nothing to do")
        return read_record(context.paths, stage, command)
    started = time.monotonic()
    outputs = make(fingerprint(inputs))
    return write_record(context.paths, stage, inputs, outputs, time.monotonic() - started)


def require_fresh(status: StageStatus) -> None:
    """Refuse to build on a stage that is not fresh.

    Raises:
        MissingStageError: The stage was not run, or its inputs changed since.
        ArtifactError: One of its files is damaged.
    """
    if status.state is StageState.FRESH:
        return
    if status.state is StageState.DAMAGED:
        raise ArtifactError(f"{status.stage}: {status.reason}; run `{status.command}` again")
    what = "has not been run" if status.state is StageState.MISSING else f"is stale, {status.reason}"
    raise MissingStageError(f"{status.stage} {what}; run `{status.command}` first")
