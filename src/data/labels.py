"""What the labels of a file mean: two classes, grades, or classes with a number each."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..core.errors import DataFileError
from ..models import LabelKind
from .formats.faults import RowFaultError, quote

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from ..models import GradeScale
    from .options import DataOptions

# how a label is written that is not known, or that raters did not agree on
MISSING = frozenset({"", "-", "-1"})
_BINARY = {"0": 0.0, "1": 1.0, "false": 0.0, "true": 1.0}
_MOST_NAMED = 8


def label_token(value: object) -> str:
    """A label as text, so that the same label looks the same in every format; empty where there is none.

    Args:
        value: Of the label's column.

    Raises:
        RowFaultError: It is neither text, a number, nor true or false.
    """
    if isinstance(value, str):
        token = value.strip()
    elif value is None:
        token = ""
    elif isinstance(value, bool):
        token = "true" if value else "false"
    elif isinstance(value, int):
        token = str(value)
    elif isinstance(value, float):
        token = "" if math.isnan(value) else str(int(value)) if value.is_integer() else repr(value)
    else:
        raise RowFaultError(f": the label is {quote(repr(value))}; a number or a word is expected")
    return sys.intern(token)


def with_decimal_point(token: str) -> str:
    """`3,5` as `3.5`: so spreadsheets write numbers that put semicolons between fields."""
    whole, comma, part = token.partition(",")
    is_number = comma and part.isdecimal() and whole.removeprefix("-").isdecimal()
    return sys.intern(f"{whole}.{part}") if is_number else token


@dataclass(frozen=True)
class LabelScheme:
    """What each label of a file means; pairs with any other label are left out."""

    values: Mapping[str, float]  # grade, or 0.0 and 1.0
    faults: Mapping[str, str]  # what is wrong with a label, as the text of a RowFaultError
    scale: GradeScale | None = None  # of grades; None where there are two labels

    @property
    def positive_at(self) -> float:
        """Least value of a positive pair."""
        return 1.0 if self.scale is None else self.scale.cut


def label_scheme(path: Path, tokens: Collection[str], options: DataOptions) -> LabelScheme:
    """Decide what the labels of a file mean.

    Args:
        path: The file, for messages.
        tokens: Its different labels, as `label_token` writes them.
        options: What the user says of the labels.

    Raises:
        DataFileError: It is not clear, or grades have no range.
    """
    present = sorted(set(tokens) - _missing(options))
    if options.label_map:
        return _mapped(tokens, options)
    if options.range_of_file and (found := _range_of(present)):
        return _graded(path, tokens, replace(options, label_range=found))
    wants_grades = options.label_kind is LabelKind.GRADED or options.positive_at is not None or options.label_range
    if wants_grades:
        return _graded(path, tokens, options)
    if options.label_kind is LabelKind.AUTO and not all(_binary(token) is not None for token in present):
        _refuse_unclear(path, present, of_guard=options.range_of_file)
    faults = {
        token: f": label is {quote(token)!r}; 0 or 1, or false or true, is expected"
        for token in present
        if _binary(token) is None
    }
    values = {token: value for token in present if (value := _binary(token)) is not None}
    return LabelScheme(values, faults)


def _missing(options: DataOptions) -> frozenset[str]:
    low, high = options.label_range or (0.0, 0.0)
    return MISSING - options.label_map.keys() - ({"-1"} if low <= -1 <= high else set())


def _mapped(tokens: Collection[str], options: DataOptions) -> LabelScheme:
    missing, by_label = _missing(options), options.label_map
    values = {token: value for token in tokens if (value := by_label.get(token)) is not None}
    unknown = [token for token in tokens if token not in by_label and token not in missing]
    known = ", ".join(map(quote, by_label))
    faults = {
        token: f": label is {quote(token)!r}, which --label-map does not name; it has {known}" for token in unknown
    }
    return LabelScheme(values, faults, options.scale)


def _graded(path: Path, tokens: Collection[str], options: DataOptions) -> LabelScheme:
    missing, values, faults = _missing(options), dict[str, float](), dict[str, str]()
    scale = options.scale
    if scale is None:
        raise DataFileError(f"{path}: graded labels; say the least and the largest grade, as in --label-range 0,5")
    for token in set(tokens) - missing:
        grade = finite_number(token)
        if grade is None:
            faults[token] = f": label is {quote(token)!r}; a number is expected"
        elif not scale.low <= grade <= scale.high:
            faults[token] = f": label is {quote(token)}, outside --label-range {scale.low:g},{scale.high:g}"
        else:
            values[token] = grade
    return LabelScheme(values, faults, scale)


def _range_of(present: list[str]) -> tuple[float, float] | None:
    """The least and the largest grade; None where the labels are no grades, or may be numbered classes."""
    grades = [finite_number(token) for token in present]
    known = [grade for grade in grades if grade is not None]
    if not known or len(known) < len(grades) or set(known) <= {0.0, 1.0, 2.0} or min(known) == max(known):
        return None
    return min(known), max(known)


def _refuse_unclear(path: Path, present: list[str], *, of_guard: bool) -> None:
    numbers = [number for token in present if (number := finite_number(token)) is not None]
    shown = _listed([quote(token) for token in present])
    if of_guard:
        raise DataFileError(
            f"{path}: the labels are {shown}; say what each one means, as in --guard FILE:LABEL=1,LABEL=0.5,LABEL=0"
        )
    if len(numbers) < len(present):
        example = ",".join(f"{quote(token)}={value}" for token, value in zip(present, ("1", "0"), strict=False))
        raise DataFileError(
            f"{path}: the labels are {shown}; say what each one means, as in --label-map {example or 'yes=1,no=0'}; "
            "`drop` in place of a number leaves its pairs out"
        )
    raise DataFileError(
        f"{path}: the labels are {shown}; grades or classes? Say --label-range LOW,HIGH "
        "or --label-map with a number for each class"
    )


def _listed(names: list[str] | list[float]) -> str:
    shown = ", ".join(map(str, names[:_MOST_NAMED]))
    return f"{shown} and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else shown


def _binary(token: str) -> float | None:
    known = _BINARY.get(token.casefold())
    if known is not None:
        return known
    number = finite_number(token)
    return number if number in (0.0, 1.0) else None


def finite_number(text: str) -> float | None:
    """The number that a text is; None where it is none, or not finite."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
