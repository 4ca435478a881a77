"""Roots for the real command to work in."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.data_files import write_data
from tests.support.finished_run import copy_finished_run
from tests.support.real_command import DONE, Place
from tests.system.acceptance.bad_inputs import AUDIT

if TYPE_CHECKING:
    from pathlib import Path

    from src.workflow.context import RunContext


@pytest.fixture
def place(tmp_path: Path, tiny_model: Path) -> Place:
    """An empty root beside a data folder."""
    write_data(tmp_path / "data")
    (tmp_path / "root").mkdir()
    return Place(tmp_path / "root", tmp_path / "data", tiny_model)


@pytest.fixture(scope="session")
def audited_root(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """A root in which the data of every test was evaluated."""
    folder = tmp_path_factory.mktemp("audited")
    write_data(folder / "data")
    place = Place(folder / "root", folder / "data", tiny_model)
    assert place.run(*AUDIT).code == DONE
    return place.root


@pytest.fixture
def audited(place: Place, audited_root: Path) -> Place:
    place.root.rmdir()
    shutil.copytree(audited_root, place.root)
    return place


@pytest.fixture
def finished(place: Place, context: RunContext) -> Place:
    """A finished run on the data of every test."""
    place.root.rmdir()
    copy_finished_run(context)
    return place
