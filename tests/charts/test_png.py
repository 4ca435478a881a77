from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from matplotlib.figure import Figure

from src.charts.png import save_charts
from src.core.errors import PipelineError

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n"


def figure(height: float = 2.0) -> Figure:
    """A bar and some text, 3 inches wide."""
    made = Figure(figsize=(3, height))
    axes = made.subplots()
    axes.bar(["a", "b"], [1, 2])
    axes.set_title("title")
    return made


def chunks(png: bytes) -> dict[str, bytes]:
    """The parts of a PNG file by name."""
    found, place = {}, len(PNG)
    while place < len(png):
        size, name = struct.unpack(">I4s", png[place : place + 8])
        found[name.decode()] = png[place + 8 : place + 8 + size]
        place += size + 12
    return found


def test_each_figure_becomes_a_png_file_of_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "eval" / "charts"
    written = save_charts(folder, {"roc": figure(), "umap": figure(3)})

    assert written == [folder / "roc.png", folder / "umap.png"]
    assert sorted(folder.iterdir()) == written
    assert all(path.read_bytes().startswith(PNG) for path in written)


def test_the_same_figure_twice_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    one = figure()
    paths = save_charts(tmp_path, {"first": one, "again": one, "same": figure(), "other": figure(3)})
    first, again, same, other = (path.read_bytes() for path in paths)

    assert first == again == same
    assert first != other


def test_a_picture_has_220_dots_an_inch(tmp_path: Path) -> None:
    (path,) = save_charts(tmp_path, {"x": figure(2)})

    assert struct.unpack(">II", chunks(path.read_bytes())["IHDR"][:8]) == (660, 440)


def test_a_file_names_neither_a_program_nor_a_time(tmp_path: Path) -> None:
    (path,) = save_charts(tmp_path, {"x": figure()})

    assert not {"tEXt", "iTXt", "zTXt", "tIME"} & set(chunks(path.read_bytes()))


def test_an_older_picture_is_replaced_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"old")
    (tmp_path / "mine.png").write_bytes(b"kept")
    save_charts(tmp_path, {"x": figure()})

    assert (tmp_path / "x.png").read_bytes().startswith(PNG)
    assert (tmp_path / "mine.png").read_bytes() == b"kept"


def test_no_figure_writes_nothing(tmp_path: Path) -> None:
    assert save_charts(tmp_path / "none", {}) == []
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_made_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(PipelineError, match=r"x\.png: cannot be written"):
        save_charts(tmp_path / "file", {"x": figure()})
