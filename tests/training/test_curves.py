from __future__ import annotations

import dataclasses
import os
import sys
from typing import TYPE_CHECKING

import pytest

from src.core.errors import PipelineError, UserInputError
from src.models import ReportTo
from src.training import curves
from src.training.curves import check_reporting, reported
from src.training_stage import run_training
from tests.support.finished_run import recipe

if TYPE_CHECKING:
    from pathlib import Path

    from src.workflow.context import RunContext

ELSEWHERE = {
    "TENSORBOARD_LOGGING_DIR": "/elsewhere",
    "MLFLOW_TRACKING_URI": "http://localhost:9",
    "MLFLOW_RUN_ID": "no-such-run",
    "DISABLE_MLFLOW_INTEGRATION": "TRUE",
    "TRACKIO_SPACE_ID": "someone/space",
    "TRACKIO_SERVER_URL": "http://localhost:9",
}
# the only things that a library may ask of the system: the machine's name, and whether there is IPv6
_HARMLESS = ("socket.gethostname", "socket.__new__", "socket.bind")
USED: list[str] = []
WATCHED: list[bool] = []


def watch_sockets(event: str, _: tuple) -> None:
    if WATCHED and event.startswith("socket.") and event not in _HARMLESS:
        USED.append(event)


@pytest.mark.parametrize(
    "to",
    [
        ReportTo.TENSORBOARD,
        pytest.param(ReportTo.MLFLOW, marks=pytest.mark.slow),
        pytest.param(ReportTo.TRACKIO, marks=pytest.mark.slow),
    ],
)
def test_curves_lie_below_the_root_whatever_the_environment_says_and_change_no_digit(
    finished: RunContext, tmp_path: Path, to: ReportTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(to.value)
    for name, value in ELSEWHERE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    paths = dataclasses.replace(finished.paths, root=tmp_path / "reported")
    before, beside = dict(os.environ), {path.name for path in tmp_path.iterdir()}
    plain = run_training(finished, recipe("standard"))
    if not USED and not WATCHED:
        sys.addaudithook(watch_sockets)
    WATCHED.append(True)
    try:
        info = run_training(dataclasses.replace(finished, paths=paths, report_to=to), recipe("standard"))
    finally:
        WATCHED.clear()

    assert USED == []
    assert dict(os.environ) == before
    assert {path.name for path in tmp_path.iterdir()} == beside | {"reported"}
    assert any(path.is_file() for path in (paths.logs / to).rglob("*"))
    assert (info.weights_sha256, info.history) == (plain.weights_sha256, plain.history)
    assert info.provenance.fingerprint == plain.provenance.fingerprint


def test_what_is_set_in_the_environment_is_back_afterwards_also_after_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ELSEWHERE.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)

    with pytest.raises(ValueError, match="no"), reported(ReportTo.TENSORBOARD, tmp_path, "run"):
        assert os.environ["TENSORBOARD_LOGGING_DIR"] == str(tmp_path / "tensorboard" / "run")
        assert not ELSEWHERE.keys() - {"TENSORBOARD_LOGGING_DIR"} & os.environ.keys()
        raise ValueError("no")

    assert dict(os.environ) == before


def test_a_missing_package_is_told_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("src.core.extras.find_spec", lambda _: None)

    with pytest.raises(UserInputError, match=r"--report-to mlflow: needs mlflow.*evidence\[mlflow\]"):
        check_reporting(ReportTo.MLFLOW, tmp_path)


def test_a_link_that_leads_out_of_the_root_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "logs").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(PipelineError, match="no folder, or a link to one"):
        check_reporting(ReportTo.TENSORBOARD, tmp_path / "logs")


def test_every_program_has_a_place_below_the_root(tmp_path: Path) -> None:
    for to in ReportTo:
        assert any(str(tmp_path) in value for value in curves._settings(to, tmp_path, "run").values())
