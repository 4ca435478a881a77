"""One stage of a run: what it is made from, how it is made, how its result is read, and whether it is up to date."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from ..core.distributed import barrier, broadcast, is_main_process
from ..core.errors import ArtifactError, MissingStageError, PipelineError, StageError, printable
from ..models import (
    ComparisonResult,
    DataQualityReport,
    Evaluation,
    JudgedModel,
    RecordProvenance,
    Search,
    Split,
    StageRecord,
    StageState,
    StageStatus,
    TrainingInfo,
)
from ..storage.files import fingerprint, read_json, write_json
from ..storage.manifest import damage_of, output_file, stray_file
from ..storage.transaction import files_below, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from ..core.paths import ProjectPaths
    from ..models import DataFile, OutputFile
    from .context import RunContext

ResultT = TypeVar("ResultT")
ValueT = TypeVar("ValueT", ComparisonResult, DataQualityReport, Evaluation, JudgedModel, Search, TrainingInfo)

_NAME_LIMIT = 80


@dataclass(frozen=True)
class Stage(Generic[ResultT]):
    """One stage of a run.

    Attributes:
        context: The run.
        name: Names its record.
        command: The command that makes it, as typed after the program's name.
        inputs: Everything that its result is made from, by name; raises StageError where an earlier stage is missing.
        make: Does the work and writes below the given paths, an empty folder laid out as the root; its second argument
            is the fingerprint of the inputs.
        load: Reads the result.
        required_files: Files of stages within this one; when they are lost, this one is made again.
        on_other_ranks: What the other processes under `torchrun` do while the main process makes the stage.
        verify: Hash the recorded files instead of looking at their sizes only.
    """

    context: RunContext
    name: str
    command: str
    inputs: Callable[[], dict[str, str]]
    make: Callable[[ProjectPaths, str], None]
    load: Callable[[], ResultT]
    required_files: Callable[[], Iterable[Path]] = tuple
    on_other_ranks: Callable[[str], object] | None = None
    verify: bool = True

    def status(self) -> StageStatus:
        """Whether the result is up to date; a stage whose inputs cannot be had is not."""
        try:
            inputs = self.inputs()
        except PipelineError as error:
            first, *more = map(str, error.args)
            return self._without_inputs(f"{first}; and more faults" if more else first)
        return self._read_status(inputs) if self.verify else self._status(inputs)

    def ensure(self) -> ResultT:
        """The result, made now unless it is up to date.

        Raises:
            PipelineError: The stage could not finish; everything is as before.
        """
        with self.context.writing():
            inputs = self.inputs()
            if is_main_process():
                self._make_unless_fresh(inputs)
            elif broadcast(answer=False) and self.on_other_ranks is not None:
                self.on_other_ranks(fingerprint(inputs))
            barrier()
            return self.read()

    def require(self) -> ResultT:
        """The result, for a stage that builds on it.

        Raises:
            MissingStageError: It was not made, or its inputs changed since.
            ArtifactError: One of its files is damaged.
        """
        status = self._status(self.inputs())
        if status.state is StageState.FRESH:
            return self.read()
        if status.state is StageState.DAMAGED:
            raise ArtifactError(f"{self.name}: {status.reason}", command=self.command)
        what = "has not been run" if status.state is StageState.MISSING else f"is stale, {status.reason}"
        raise MissingStageError(f"{self.name} {what}", command=self.command)

    def read(self) -> ResultT:
        """The result as it stands, whatever it was made from.

        Raises:
            StageError: It is missing or damaged; the error carries this stage's command.
        """
        try:
            return self.load()
        except StageError as error:
            raise error.made_by(self.command) from None

    def record(self) -> StageRecord:
        """What the finished stage was made from and what it wrote.

        Raises:
            MissingStageError: It was not made.
            ArtifactError: Its record is damaged.
        """
        try:
            return read_record(self.context.paths, self.name)
        except StageError as error:
            raise error.made_by(self.command) from None

    def _make_unless_fresh(self, inputs: Mapping[str, str]) -> None:
        fresh = self._read_status(inputs).state is StageState.FRESH
        if not broadcast(answer=not fresh):
            self.context.reporter.say(f"{self.name}: up to date, nothing to do")
            return
        started, root = time.monotonic(), self.context.paths.root
        with transaction(self.context.paths, self.name, self.context.lock.check) as paths:
            self.make(paths, fingerprint(inputs))
            needed = [output_file(path, root) for path in self.required_files()]
            write_record(paths, self.name, inputs, files_below(paths.root), time.monotonic() - started, also=needed)

    def _read_status(self, inputs: Mapping[str, str]) -> StageStatus:
        """The status once the result was read: one that cannot be read is damaged, whatever its record says."""
        status = self._status(inputs)
        if status.state is StageState.FRESH:
            try:
                self.load()
            except StageError as error:
                return status.model_copy(update={"state": StageState.DAMAGED, "reason": str(error)})
        return status

    def _status(self, inputs: Mapping[str, str]) -> StageStatus:
        try:
            record = self.record()
        except MissingStageError:
            return StageStatus(stage=self.name, state=StageState.MISSING, reason="not run", command=self.command)
        except ArtifactError as error:
            return StageStatus(stage=self.name, state=StageState.DAMAGED, reason=str(error), command=self.command)
        state, reason = self._compared(record, inputs)
        outputs = tuple(output.path for output in record.provenance.outputs)
        return StageStatus(stage=self.name, state=state, reason=reason, command=self.command, outputs=outputs)

    def _compared(self, record: StageRecord, inputs: Mapping[str, str]) -> tuple[StageState, str]:
        """Inputs that only the record has are not compared."""
        # what was put there is told also of a stage that has to be made again anyway: it may be code
        if stray := self._stray(record):
            return StageState.DAMAGED, stray
        changed = [name for name, value in inputs.items() if record.inputs.get(name) != value]
        if changed:
            return StageState.STALE, f"changed since: {', '.join(sorted(changed))}"
        root = self.context.paths.root
        damages = (damage_of(output, root, verify=self.verify) for output in record.provenance.outputs)
        damage = next(filter(None, damages), "")
        return (StageState.DAMAGED, damage) if damage else (StageState.FRESH, "")

    def _stray(self, record: StageRecord) -> str:
        paths = self.context.paths
        stray = stray_file(record.provenance.outputs, paths.root, paths.folders_of_results())
        return f"{stray} does not belong there; remove it" if stray else ""

    def _without_inputs(self, reason: str) -> StageStatus:
        exists = self.context.paths.stage_record(self.name).exists()
        return StageStatus(
            stage=self.name,
            state=StageState.STALE if exists else StageState.MISSING,
            reason=reason if exists else "not run",
            command=self.command,
        )


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
        also: Files of other stages that this one requires.
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


def read_record(paths: ProjectPaths, stage: str) -> StageRecord:
    """The record of a stage that must have been run.

    Raises:
        MissingStageError: It was not run.
        ArtifactError: Its record is damaged.
    """
    path = paths.stage_record(stage)
    try:
        record = read_json(path, StageRecord)
    except MissingStageError:
        raise MissingStageError(f"stage {stage} has not been run") from None
    if record.stage != stage:
        raise ArtifactError(f"{path}: the record of another stage, {printable(record.stage, _NAME_LIMIT)}")
    return record


def read_result(paths: ProjectPaths, stage: str, path: Path, kind: type[ValueT]) -> ValueT:
    """The result of a stage: the very one whose inputs its record names.

    Args:
        paths: The project's paths.
        stage: Name of the stage.
        path: The file of the result.
        kind: Which value it holds.

    Raises:
        MissingStageError: The stage was not run, or the file is missing.
        ArtifactError: The file or the record is damaged, or the result was made from something else.
    """
    found = read_json(path, kind)
    if found.provenance.fingerprint != fingerprint(read_record(paths, stage).inputs):
        raise ArtifactError(f"{path}: not the result of {stage}: it was made from something else than its record says")
    return found


def refuse_other_data(context: RunContext, path: Path, named: Mapping[Split, DataFile | None]) -> None:
    """Refuse a result that names other data files than those of the run.

    Args:
        context: The run.
        path: The file of the result, for the message.
        named: What the result says of the splits that it is made from; None where it had no such file.

    Raises:
        ArtifactError: Another file, or other counts.
    """
    for split, file in named.items():
        if file != context.data_files.get(split):
            raise ArtifactError(f"{path}: damaged, its {split.value} data is not that of this run")
