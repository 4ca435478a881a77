"""What a finished stage was made from and what it wrote; tells fresh from stale, missing and damaged."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..core.distributed import agree, is_writer, wait_for_all
from ..core.errors import ArtifactError, MissingStageError
from ..models import OutputFile, RecordProvenance, StageRecord, StageState, StageStatus
from ..storage.files import fingerprint, read_json, write_json
from ..storage.manifest import damage_of, output_file
from ..storage.transaction import files_below, together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from ..core.paths import ProjectPaths
    from .context import RunContext


def write_record(
    paths: ProjectPaths,
    stage: str,
    inputs: Mapping[str, str],
    outputs: Iterable[Path],
    duration: float,
    *,
    also: Iterable[OutputFile] = (),
) -> StageRecord:
    """Close a stage: from now on it counts as done with these inputs.

    Args:
        paths: The project's paths.
        stage: Name of the stage.
        inputs: Name of each input to its hash or value.
        outputs: Every file that the stage wrote, below the root.
        duration: Seconds that it took.
        also: Files of other stages that must stand for this one to stand.
    """
    files = (*(output_file(path, paths.root) for path in outputs), *also)
    record = StageRecord(
        stage=stage,
        fingerprint=fingerprint(inputs),
        inputs=dict(inputs),
        provenance=RecordProvenance(
            outputs=tuple(sorted(files, key=lambda file: file.path)), duration_seconds=round(duration, 2)
        ),
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
    files = record.provenance.outputs
    outputs = tuple(output.path for output in files)
    changed = [name for name, value in inputs.items() if record.inputs.get(name) != value]
    if changed:
        reason = f"changed since: {', '.join(sorted(changed))}"
        return StageStatus(stage=stage, state=StageState.STALE, reason=reason, command=command, outputs=outputs)
    damage = next(filter(None, (damage_of(output, paths.root, verify=verify) for output in files)), "")
    state = StageState.DAMAGED if damage else StageState.FRESH
    return StageStatus(stage=stage, state=state, reason=damage, command=command, outputs=outputs)


def ensure(
    context: RunContext,
    stage: str,
    command: str,
    inputs: Mapping[str, str],
    make: Callable[[str, ProjectPaths], None],
    *,
    also: Iterable[Path] = (),
    assist: Callable[[str], object] | None = None,
) -> StageRecord:
    """Run a stage unless its results still stand, and put them in their places together with its record.

    Args:
        context: The run.
        stage: Name of the stage.
        command: The command that makes it.
        inputs: Everything that its results are made from.
        make: Called with the inputs' fingerprint and with paths below an empty folder; does the work and writes there.
        also: Files of stages within this one; when they are lost, this one is run again.
        assist: What another process than the writer does while `make` runs, called with the same fingerprint.

    Raises:
        PipelineError: The stage could not finish; everything is as before.
    """
    if not is_writer():
        if agree(writers_answer=False) and assist is not None:
            assist(fingerprint(inputs))
        wait_for_all()
        return read_record(context.paths, stage, command)
    with context.writing():
        status = stage_status(context.paths, stage, inputs, command, verify=True)
        if agree(writers_answer=status.state is not StageState.FRESH):
            started = time.monotonic()
            with together(context.paths, stage, context.lock.check) as paths:
                make(fingerprint(inputs), paths)
                needed = [output_file(path, context.paths.root) for path in also]
                duration = time.monotonic() - started
                record = write_record(paths, stage, inputs, files_below(paths.root), duration, also=needed)
        else:
            context.reporter.say(f"{stage}: up to date, nothing to do")
            record = read_record(context.paths, stage, command)
    wait_for_all()
    return record


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
