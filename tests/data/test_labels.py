from __future__ import annotations

from pathlib import Path

import pytest

from src.core.errors import DataFileError
from src.data.labels import label_scheme, label_token, with_decimal_point
from src.data.options import DataOptions
from src.models import LabelKind

FILE = Path("train.csv")


@pytest.mark.parametrize(
    ("value", "token"),
    [(1, "1"), (1.0, "1"), (True, "true"), (" yes ", "yes"), (None, ""), (float("nan"), ""), (2.5, "2.5")],
)
def test_a_label_looks_the_same_in_every_format(value: object, token: str) -> None:
    assert label_token(value) == token


@pytest.mark.parametrize(
    ("token", "expected"), [("3,5", "3.5"), ("-0,25", "-0.25"), ("1,000,5", "1,000,5"), ("a,b", "a,b"), ("3", "3")]
)
def test_a_decimal_comma_is_a_point(token: str, expected: str) -> None:
    assert with_decimal_point(token) == expected


@pytest.mark.parametrize("tokens", [{"0", "1"}, {"true", "False"}, {"0.0", "1.000"}, {"1", "0", "-", ""}])
def test_zero_and_one_need_no_option(tokens: set[str]) -> None:
    scheme = label_scheme(FILE, tokens, DataOptions())

    assert set(scheme.values.values()) == {0.0, 1.0}
    assert not scheme.faults


@pytest.mark.parametrize(
    ("tokens", "options", "message"),
    [
        ({"0", "1", "2"}, {}, "the labels are 0, 1, 2; grades or classes?"),
        ({"0.5", "3"}, {}, "Say --label-range LOW,HIGH"),
        ({"yes", "no"}, {}, "--label-map no=1,yes=0"),
        ({"1", "2.5"}, {"label_kind": LabelKind.GRADED}, "as in --label-range 0,5"),
        ({"1", "2.5"}, {"positive_at": 2.0}, "as in --label-range 0,5"),
    ],
)
def test_what_is_not_clear_is_refused_and_not_guessed(
    tokens: set[str], options: dict[str, object], message: str
) -> None:
    with pytest.raises(DataFileError) as caught:
        label_scheme(FILE, tokens, DataOptions(**options))  # type: ignore[arg-type]

    assert message in str(caught.value)


def test_a_grade_outside_its_range_is_a_fault_and_minus_one_within_it_is_a_grade() -> None:
    scheme = label_scheme(FILE, {"-1", "0.5", "2"}, DataOptions(label_range=(-1.0, 1.0), positive_at=0.0))

    assert dict(scheme.values) == {"-1": -1.0, "0.5": 0.5}
    assert list(scheme.faults) == ["2"]


@pytest.mark.parametrize(
    ("options", "tokens", "cut", "named"),
    [
        ({"label_range": (0.0, 5.0)}, {"1", "4"}, 2.5, False),
        ({"label_range": (0.0, 5.0), "positive_at": 4.0}, {"1", "4"}, 4.0, True),
        ({"label_map": {"yes": 1.0, "maybe": 0.5, "no": 0.0}}, {"yes", "maybe", "no"}, 0.5, False),
    ],
)
def test_grades_without_a_cut_part_in_the_middle_of_their_scale(
    options: dict[str, object],
    tokens: set[str],
    cut: float,
    named: bool,
) -> None:
    scheme = label_scheme(FILE, tokens, DataOptions(**options))  # type: ignore[arg-type]

    assert scheme.positive_at == cut
    assert scheme.scale is not None
    assert scheme.scale.has_cut is named


def test_a_label_that_the_map_does_not_name_is_a_fault() -> None:
    scheme = label_scheme(FILE, {"a", "b", "c", "-"}, DataOptions(label_map={"a": 1.0, "b": 0.0}))

    assert scheme.faults == {"c": ": label is 'c', which --label-map does not name; it has a, b"}
    assert scheme.values == {"a": 1.0, "b": 0.0}
