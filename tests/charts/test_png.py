from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import pytest
from matplotlib.figure import Figure

from src.charts.chart import Chart
from src.charts.png import save_charts
from src.core.errors import PipelineError

if TYPE_CHECKING:
    from pathlib import Path

    from src.tables.table import Table

PNG = b"\x89PNG\r\n\x1a\n"


class Bars(Chart):
    """Two bars, 3 inches wide."""

    title = "Two bars"
    reading = "The second is higher."
    group = "Bars"

    def __init__(self, name: str, height: float = 2.0) -> None:
        self.name = name
        self.height = height

    def figure(self) -> go.Figure:
        return go.Figure()

    def print_figure(self) -> Figure:
        made = Figure(figsize=(3, self.height))
        made.subplots().bar(["a", "b"], [1, 2])
        return made

    def tables(self) -> tuple[Table, ...]:
        return ()


def save(folder: Path, *charts: Chart) -> list[Path]:
    return save_charts(folder, charts, "N = 3 pairs")


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
    written = save(folder, Bars("roc"), Bars("umap", 3))

    assert written == [folder / "roc.png", folder / "umap.png"]
    assert sorted(folder.iterdir()) == written
    assert all(path.read_bytes().startswith(PNG) for path in written)


def test_the_same_figure_twice_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    paths = save(tmp_path, Bars("first"), Bars("same"), Bars("other", 3))
    first, same, other = (path.read_bytes() for path in paths)

    assert first == same
    assert first != other


def test_a_picture_has_220_dots_an_inch(tmp_path: Path) -> None:
    (path,) = save(tmp_path, Bars("x", 2))

    assert struct.unpack(">II", chunks(path.read_bytes())["IHDR"][:8]) == (660, 440)


def test_a_file_names_neither_a_program_nor_a_time(tmp_path: Path) -> None:
    (path,) = save(tmp_path, Bars("x"))

    assert not {"tEXt", "iTXt", "zTXt", "tIME"} & set(chunks(path.read_bytes()))


def test_an_older_picture_is_replaced_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"old")
    (tmp_path / "mine.png").write_bytes(b"kept")
    save(tmp_path, Bars("x"))

    assert (tmp_path / "x.png").read_bytes().startswith(PNG)
    assert (tmp_path / "mine.png").read_bytes() == b"kept"


def test_no_figure_writes_nothing(tmp_path: Path) -> None:
    assert save(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_made_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(PipelineError, match=r"x\.png: cannot be written"):
        save(tmp_path / "file", Bars("x"))
