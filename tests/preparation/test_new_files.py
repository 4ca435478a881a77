from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.core.errors import PipelineError, UserInputError
from src.preparation.new_files import new_folder, refuse_taken_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_folder_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    place = tmp_path / "a" / "b"

    with new_folder(place) as folder:
        (folder / "file").write_text("new", encoding="utf-8")
        assert not place.exists()

    assert (place / "file").read_text(encoding="utf-8") == "new"
    assert [path.name for path in place.parent.iterdir()] == ["b"]


def test_an_old_folder_stays_where_the_new_one_fails(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "file").write_text("old", encoding="utf-8")

    with pytest.raises(ValueError, match="no"), new_folder(place) as folder:
        (folder / "file").write_text("new", encoding="utf-8")
        raise ValueError("no")

    assert (place / "file").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_no_trace_is_left_of_a_folder_that_failed(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="cannot be written: No space"), new_folder(tmp_path / "a" / "b"):
        raise OSError(28, "No space left on device")

    assert not list(tmp_path.iterdir())


def test_a_folder_is_replaced_only_if_it_is_one_of_ours_and_that_is_wanted(tmp_path: Path) -> None:
    place = tmp_path / "place"
    refuse_taken_folder("--output", place, "mark", force=False)
    place.mkdir()
    refuse_taken_folder("--output", place, "mark", force=False)
    (place / "letter").touch()
    with pytest.raises(UserInputError, match="holds other files, which are never replaced"):
        refuse_taken_folder("--output", place, "mark", force=True)
    (place / "mark").touch()
    with pytest.raises(UserInputError, match="is there already; --force replaces it"):
        refuse_taken_folder("--output", place, "mark", force=False)
    refuse_taken_folder("--output", place, "mark", force=True)
    with pytest.raises(UserInputError, match="is no folder"):
        refuse_taken_folder("--output", place / "mark", "mark", force=True)
