"""The curves of a training for TensorBoard, MLflow or Trackio: files below the root, and nothing over a network.

The library's own callbacks write them. They read variables of the environment, some of which name servers. While they
are at work, all of these are set aside and ours take their place.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..core.errors import PipelineError
from ..core.extras import require_extra
from ..models import ReportTo
from ..storage.files import is_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# what the callbacks and the packages behind them read
_THEIRS = re.compile(r"(HF_)?(TENSORBOARD|MLFLOW|DATABRICKS|OTEL|TRACKIO|GRADIO)_\w+|DISABLE_MLFLOW_INTEGRATION")
_PROJECT = "embedding-finetune-evidence"
_STEPS = 10  # between two points of the loss
_SILENT = MappingProxyType(
    {"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "GRADIO_ANALYTICS_ENABLED": "0"}
)
_NOT_REPORTED = MappingProxyType({"report_to": "none", "logging_strategy": "no"})


def check_reporting(to: ReportTo, logs: Path) -> None:
    """Refuse, before a training begins, what could not report its curves.

    Args:
        to: The program that shows them.
        logs: The folder of all curves.

    Raises:
        UserInputError: Its package is not installed.
        PipelineError: A link, or something else that is no folder, stands where they go.
    """
    require_extra(to.value, [to.value], f"--report-to {to}")
    for folder in (logs, logs / to):
        if os.path.lexists(folder) and not is_folder(folder):
            raise PipelineError(
                f"{folder}: no folder, or a link to one; move it away, curves are kept below the root alone"
            )


@contextmanager
def reported(to: ReportTo | None, logs: Path, run: str) -> Iterator[dict[str, Any]]:
    """Let the library's trainer report, as long as the block lasts.

    Args:
        to: The program that shows the curves; None for none.
        logs: The folder of all curves.
        run: What this one is called.

    Yields:
        Arguments of the library's trainer.
    """
    if to is None:
        yield dict(_NOT_REPORTED)
        return
    check_reporting(to, logs)
    # they print how to see the curves, and stdout is for results only
    with _environment(_settings(to, logs / to, run)), redirect_stdout(StringIO()):
        yield {
            "report_to": to.value,
            "run_name": run,
            "project": _PROJECT,
            "logging_strategy": "steps",
            "logging_steps": _STEPS,
            "trackio_space_id": None,
            "trackio_static_space_id": False,
        }


def _settings(to: ReportTo, folder: Path, run: str) -> dict[str, str]:
    places = {
        ReportTo.TENSORBOARD: {"TENSORBOARD_LOGGING_DIR": str(folder / run)},
        ReportTo.MLFLOW: {
            "MLFLOW_TRACKING_URI": folder.as_uri(),
            "MLFLOW_ALLOW_FILE_STORE": "true",
            "MLFLOW_EXPERIMENT_NAME": _PROJECT,
        },
        ReportTo.TRACKIO: {"TRACKIO_DIR": str(folder)},
    }
    return {**_SILENT, **places[to]}


@contextmanager
def _environment(ours: Mapping[str, str]) -> Iterator[None]:
    names = {*filter(_THEIRS.fullmatch, os.environ), *ours}
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in {*filter(_THEIRS.fullmatch, os.environ), *ours}:
            del os.environ[name]
        os.environ.update({name: value for name, value in before.items() if value is not None})
