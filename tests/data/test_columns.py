from __future__ import annotations

from pathlib import Path

import pytest

from src.core.errors import DataFileError
from src.data.columns import TEXT_COLUMNS, find_columns

FILE = Path("train.csv")


@pytest.mark.parametrize("names", TEXT_COLUMNS)
def test_usual_names_are_recognised(names: tuple[str, str]) -> None:
    found = find_columns(FILE, ["id", *names, "label"], {})

    assert (found.text_1, found.text_2, found.label) == (*names, "label")
    assert found.unused(["id", *names, "label"]) == ["id"]


def test_groups_and_ids_are_read_too() -> None:
    found = find_columns(FILE, ["text1", "text2", "label", "q", "n", "z"], {"group": "q", "id": "n"})

    assert (found.group, found.id) == ("q", "n")
    assert found.unused(["text1", "text2", "label", "q", "n", "z"]) == ["z"]


@pytest.mark.parametrize(
    ("there", "given", "slices", "message"),
    [
        (["a", "b", "label"], {}, (), "no column is recognised as the texts"),
        (["text1", "text2"], {}, (), "no column is recognised as the label"),
        (["text1", "text2", "label"], {"text_1": "text1"}, (), "names one of text_1 and text_2; name both"),
        (["text1", "text2", "label"], {"label": "text1"}, (), "one column cannot be two things"),
        (["text1", "text2", "label", "label"], {}, (), "'label' stands twice"),
        (["text1", "text2", "label", "q", "q"], {"group": "q"}, (), "'q' stands twice"),
        (["text1", "text2", "label"], {}, ("topic",), "--slice-by topic: there is no column 'topic'"),
        (["text1", "text2", "label"], {"group": "q"}, (), "--columns is written OURS=THEIRS"),
    ],
)
def test_what_is_not_clear_is_told_with_what_there_is(
    there: list[str], given: dict[str, str], slices: tuple[str, ...], message: str
) -> None:
    with pytest.raises(DataFileError) as caught:
        find_columns(FILE, there, given, slices)

    assert message in str(caught.value)
    assert str(caught.value).startswith("train.csv: ")
