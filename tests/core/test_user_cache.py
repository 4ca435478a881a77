from __future__ import annotations

import os
from pathlib import Path

import pytest

from src.core.user_cache import ensure_user_cache

NOWHERE = "/dev/null/home"  # no folder can be made below a file, not even by root


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user with an empty home; what a test sets is taken back."""
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def chosen() -> str | None:
    ensure_user_cache()
    return os.environ.get("XDG_CACHE_HOME")


def test_a_home_that_can_be_written_is_left_to_the_libraries() -> None:
    assert chosen() is None
    assert list((Path.home() / ".cache").iterdir()) == []


def test_a_folder_of_the_users_own_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))

    assert chosen() == str(tmp_path / "mine")


@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME"])
@pytest.mark.parametrize("folder", [NOWHERE, "not/absolute"])
def test_a_folder_that_cannot_be_used_is_replaced_by_a_temporary_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, folder: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, folder)

    found = chosen()

    assert found not in (None, folder)
    assert os.access(found, os.W_OK)
    assert chosen() == found
    assert list(tmp_path.iterdir()) == []


def test_a_user_without_a_home_gets_a_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    monkeypatch.delenv("HOME")

    found = chosen()

    assert found is not None
    assert os.access(found, os.W_OK)
