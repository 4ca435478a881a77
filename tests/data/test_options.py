from __future__ import annotations

import pytest

from src.core.errors import UserInputError
from src.data.options import DataOptions, parse_columns, parse_delimiter, parse_label_map, parse_range, refuse_options
from src.models import LabelKind, ProfileName


def test_columns_and_labels_are_written_as_pairs() -> None:
    assert parse_columns("text_1=q 1, label=dup") == {"text_1": "q 1", "label": "dup"}
    assert parse_label_map("a=1,b=0.5,c=drop") == {"a": 1.0, "b": 0.5, "c": None}
    assert parse_range("-1,5") == (-1.0, 5.0)
    assert [parse_delimiter(text) for text in ("tab", ";", "\\t")] == ["\t", ";", "\t"]


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (parse_columns, "text_1", "'text_1' is no NAME=VALUE"),
        (parse_columns, "text_1=a,text_1=b", "given twice"),
        (parse_label_map, "a=1,b=yes", "neither a number nor 'drop'"),
        (parse_label_map, "a=1,b=1", "two labels at least must have different numbers"),
        (parse_label_map, "a=1,a=0", "given twice"),
        (parse_range, "5,0", "two ascending numbers"),
        (parse_range, "5", "two ascending numbers"),
        (parse_delimiter, "ab", "one sign is expected"),
    ],
)
def test_anything_else_is_refused_with_an_example(parse: object, text: str, message: str) -> None:
    with pytest.raises(UserInputError) as caught:
        parse(text)  # type: ignore[operator]

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"profile": ProfileName.DATING, "slices": ("a",)}, "fixed in the dating profile"),
        ({"slices": ("a", "b", "c")}, "3 columns, but results and pages have places for 2; drop some"),
        ({"slices": ("a", "a")}, "given twice"),
        ({"label_range": (0.0, 5.0), "positive_at": 6.0}, "outside --label-range 0,5"),
        ({"label_kind": LabelKind.BINARY, "positive_at": 1.0}, "belong to graded labels"),
        ({"label_kind": LabelKind.CLASSES}, "needs a number for each class"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        refuse_options(DataOptions(**options))  # type: ignore[arg-type]
