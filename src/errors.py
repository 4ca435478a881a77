"""The errors that a user of the pipeline can meet; `cli.py` turns them into one line and an exit code, once."""

from __future__ import annotations

from typing import ClassVar


class PipelineError(Exception):
    """The run could not finish: a fault of the machine, the disk, a lock, or a damaged artifact."""

    exit_code: ClassVar[int] = 1


class UserInputError(PipelineError):
    """What the user gave is wrong: an option, a path, a combination of them."""

    exit_code: ClassVar[int] = 2


class DataFileError(UserInputError):
    """A data file holds something that is not a valid record; the message has file and line."""


class MissingStageError(UserInputError):
    """An earlier stage has not been run, or its result is stale; the message names the command to run."""


class ArtifactError(PipelineError):
    """A file that the pipeline wrote is damaged or does not belong to this run."""


class ModelError(PipelineError):
    """A model could not be loaded, or is not the one that was trained."""


class GateError(PipelineError):
    """Everything finished, but a quality gate says no."""

    exit_code: ClassVar[int] = 3
