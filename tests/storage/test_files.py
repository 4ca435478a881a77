from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.core.errors import ArtifactError, MissingStageError, PipelineError
from src.models import DataFile
from src.storage import files as artifacts
from src.storage.files import (
    atomic_file,
    fingerprint,
    npy_header,
    read_array,
    read_json,
    sha256_file,
    write_json,
    write_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = '{"name": "a.jsonl", "sha256": "' + "0" * 64 + '", "n": 3, "n_compatible": 1}'
VALUE = DataFile(name="a.jsonl", sha256="0" * 64, n=3, n_compatible=1)


def test_a_value_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_json(tmp_path / "deep" / "value.json", VALUE)

    assert read_json(tmp_path / "deep" / "value.json", DataFile) == VALUE


def test_a_failure_while_writing_leaves_the_old_file_and_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_text(path, "old")

    with pytest.raises(RuntimeError, match="stop"), atomic_file(path) as file:
        file.write(b"half of the new")
        raise RuntimeError("stop")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_error_that_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(artifacts.os, "fsync", full)

    with pytest.raises(PipelineError, match="file: cannot be written: No space left on device"):
        write_text(path, "text")
    assert list(tmp_path.iterdir()) == []


def test_the_mode_of_an_old_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o640)

    write_text(path, "new")

    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_in_the_way_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("outside")
    link.symlink_to(target)

    write_text(link, "ours")

    assert target.read_text() == "outside"
    assert not link.is_symlink()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"name": "a", "n": 1',
        '{"name": "a.jsonl", "sha256": "x", "n": 3, "n_compatible": 1}',
        GOOD.replace("3", '"3"'),
        GOOD.replace("3", "NaN"),
        GOOD.replace('"n": 3', '"n": 3, "n": 4'),
        GOOD.replace('"n": 3', '"n": 3, "extra": 4'),
        "\ufeff" + GOOD,
        "[" * 100_000,
    ],
)
def test_a_damaged_value_is_refused_with_the_command_that_remakes_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "value.json"
    path.write_text(content)

    with pytest.raises(ArtifactError, match=r"value\.json: damaged or of another version "):
        read_json(path, DataFile)


def test_a_missing_value_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(MissingStageError, match="missing"):
        read_json(tmp_path / "value.json", DataFile)


@pytest.fixture
def array_file(tmp_path: Path) -> Path:
    (tmp_path / "a.npy").write_bytes(npy_header((3, 2, 4)) + np.arange(24, dtype=np.float32).tobytes())
    return tmp_path / "a.npy"


def test_an_array_comes_back_as_it_was_written(array_file: Path) -> None:
    assert np.array_equal(read_array(array_file, (3, 2, None)).ravel(), np.arange(24))
    assert np.array_equal(np.load(array_file).ravel(), np.arange(24))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda data: data[:-8], "88 bytes of data instead of 96"),
        (lambda data: data + b"x", "97 bytes of data instead of 96"),
        (lambda data: data[:4], "damaged"),
        (lambda _: b"", "damaged"),
        (lambda _: b"<html></html>", "damaged"),
        (lambda data: data.replace(b"(3, 2, 4)", b"(4, 2, 3)"), r"shape \(4, 2, 3\), expected \(3, 2, None\)"),
        (lambda data: data.replace(b"(3, 2, 4), }        ", b"(3, 2, 99999999), } "), "instead of 2399999976"),
        (lambda data: data.replace(b"<f4", b"<i4"), "values of type '<i4', '<f4' expected"),
        (lambda data: data.replace(b"<f4", b"<f8"), "values of type '<f8'"),
        (lambda data: data.replace(b"False, ", b"True,  "), "values of type '<f4' in Fortran order"),
        (lambda data: data.replace(b"(3, 2, 4), }     ", b"(-3, 2, -4), }   "), r"shape \(-3, 2, -4\), expected"),
        (lambda data: data.replace(b"(3, 2, 4), }     ", b"__import__('os')"), "damaged"),
        (lambda data: data.replace(b"(3, 2, 4), }", b"(3, 2, 4,   "), "damaged"),
        (lambda data: data.replace(b"(3, 2, 4), }  ", b"(3L, 2L, 4), }"), "damaged"),
        (lambda data: data.replace(b"'<f4'", b"()   "), "damaged"),
        (lambda data: data.replace(b" 'fortran", b"b'fortran"), "damaged"),
    ],
)
def test_a_damaged_array_is_refused_before_anything_is_allocated(array_file: Path, change, what: str) -> None:
    array_file.write_bytes(change(array_file.read_bytes()))

    with pytest.raises(ArtifactError, match=what):
        read_array(array_file, (3, 2, None))


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    class Payload:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(canary),)

    path = tmp_path / "a.npy"
    np.save(path, np.array([Payload()], dtype=object), allow_pickle=True)

    with pytest.raises(ArtifactError, match="values of type '\\|O'"):
        read_array(path, (1,))
    assert not canary.exists()


@pytest.mark.parametrize(
    ("place", "what"),
    [
        (lambda link: link.symlink_to("/etc/hostname"), "it is a link, which is not followed"),
        (os.mkfifo, "it is no regular file"),
        (os.mkdir, ".*"),
    ],
)
def test_a_link_a_pipe_and_a_folder_are_no_artifact(tmp_path: Path, place: Callable[[Path], None], what: str) -> None:
    path = tmp_path / "value.json"
    place(path)

    for read in (lambda: read_json(path, DataFile), lambda: read_array(path, (1,))):
        with pytest.raises(ArtifactError, match=rf"value\.json: cannot be read: {what}"):
            read()


def test_an_array_without_rows_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(npy_header((0, 2, 4)))

    assert read_array(tmp_path / "a.npy", (None, 2, None)).shape == (0, 2, 4)


def test_a_fingerprint_depends_on_names_and_values_and_not_on_their_order() -> None:
    assert fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    assert len({fingerprint(inputs) for inputs in ({"a": "1"}, {"a": "2"}, {"b": "1"}, {})}) == 4


def test_hashing_a_missing_file_is_an_error_of_the_project(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot be read"):
        sha256_file(tmp_path / "nothing")


def test_negative_lengths_are_refused_even_if_any_length_is_expected(array_file: Path) -> None:
    array_file.write_bytes(array_file.read_bytes().replace(b"(3, 2, 4), }     ", b"(-3, 2, -4), }   "))

    with pytest.raises(ArtifactError, match="shape"):
        read_array(array_file, (None, 2, None))
