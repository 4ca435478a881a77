from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.core.errors import PipelineError
from src.scheduling.parcels import Parcel, packed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sent(tmp_path: Path) -> Parcel:
    folder = tmp_path / "from"
    (folder / "model").mkdir(parents=True)
    (folder / "info.json").write_bytes(b"{}")
    (folder / "model" / "weights").write_bytes(b"\x00\x01")
    return packed(folder)


def test_what_is_unpacked_is_what_was_packed(sent: Parcel, tmp_path: Path) -> None:
    sent.unpack(tmp_path / "to")

    assert packed(tmp_path / "to") == sent
    assert sorted(sent.files) == ["info.json", "model/weights"]


@pytest.mark.parametrize("content", [b"[]", None])
def test_a_file_that_changed_or_was_lost_on_the_way_is_refused(
    sent: Parcel, tmp_path: Path, content: bytes | None
) -> None:
    files = {name: given for name, given in sent.files.items() if name != "info.json"}
    if content is not None:
        files["info.json"] = content

    with pytest.raises(PipelineError, match="on the way from a worker; run the command again"):
        Parcel(files, sent.sha256).unpack(tmp_path / "to")
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a\\..\\x"])
def test_a_path_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    one = packed_as(name)

    with pytest.raises(PipelineError, match="which leads out of its folder"):
        one.unpack(tmp_path / "to")
    assert not (tmp_path / "x").exists()


def packed_as(name: str) -> Parcel:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    return Parcel({name: b""}, {name: empty})
