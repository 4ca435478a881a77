"""What the command line says of the data: files, columns, labels and how a table is written."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..core.errors import NAME_LIMIT, UserInputError, printable
from ..models import GradeScale, LabelKind, ProfileName, Split, Words
from .profiles import PAIRS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DROP = "drop"
COLUMN_ROLES = ("text_1", "text_2", "label", "group", "id")
MAX_SLICES = 2
_GRADED_WORDS = {"positive": "high-graded", "negative": "low-graded", "ranking": "concordance"}
_MAP_EXAMPLE = "--label-map duplicate=1,different=0"
_ENDS_OF_RANGE = 2
_NAMED_SIGNS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}


@dataclass(frozen=True)
class DataOptions:
    """Options that say what the data is; the defaults leave everything to be recognised."""

    profile: ProfileName = ProfileName.AUTO
    files: Mapping[Split, Path] = field(default_factory=dict)  # by split; those that were named
    searched: bool = True  # whether the data folder is searched for the other files
    columns: Mapping[str, str] = field(default_factory=dict)  # by role, the file's own name
    slices: tuple[str, ...] = ()  # columns whose values group the pairs
    label_kind: LabelKind = LabelKind.AUTO
    label_map: Mapping[str, float | None] = field(default_factory=dict)  # None drops the pair
    label_range: tuple[float, float] | None = None
    range_of_file: bool = False  # whether grades without a range take the least and the largest one of the file
    positive_at: float | None = None
    delimiter: str | None = None
    quoted: bool | None = None
    header: bool = True

    @property
    def of_pairs_alone(self) -> bool:
        """Whether anything was given that the dating profile has no use for."""
        given = (self.files, self.columns, self.slices, self.label_map, self.label_range, self.delimiter)
        numbers = (self.positive_at, self.quoted)
        return (
            any(given)
            or any(number is not None for number in numbers)
            or not self.header
            or self.label_kind is not LabelKind.AUTO
        )

    @property
    def scale(self) -> GradeScale | None:
        """The scale of graded labels; None where there are two labels, or where it is not known."""
        numbers = {value for value in self.label_map.values() if value is not None}
        if self.label_map and not numbers <= {0.0, 1.0}:
            names = {label: value for label, value in self.label_map.items() if value is not None}
            return GradeScale(low=min(numbers), high=max(numbers), positive_at=self.positive_at, classes=names)
        if self.label_map or self.label_range is None:
            return None
        return GradeScale(low=self.label_range[0], high=self.label_range[1], positive_at=self.positive_at)

    @property
    def words(self) -> Words:
        """What the labels and the columns are called: by the label map where two words are told, else by default."""
        changes = dict(zip(("category", "pair_type"), self.slices, strict=False))
        if self.scale is not None:
            return PAIRS.words.model_copy(update=changes | _GRADED_WORDS)
        named = {value: [word for word, to in self.label_map.items() if to == value] for value in (1.0, 0.0)}
        if all(len(words) == 1 and not _is_number(words[0]) for words in named.values()):
            changes |= {"positive": named[1.0][0], "negative": named[0.0][0]}
        return PAIRS.words.model_copy(update=changes)


def parse_columns(text: str) -> dict[str, str]:
    """`text_1=question1,label=is_duplicate` as a mapping of our names to the file's.

    Raises:
        UserInputError: A part is no pair of names, or the left name is none of ours.
    """
    found: dict[str, str] = {}
    for ours, theirs in _parts("--columns", text, "text_1=question1,text_2=question2,label=is_duplicate"):
        if ours not in COLUMN_ROLES:
            turned = f"; the other way round, {theirs}={_shown(ours)}?" if theirs in COLUMN_ROLES else ""
            raise UserInputError(
                f"--columns {_shown(text)}: {_shown(ours)!r} is none of {', '.join(COLUMN_ROLES)}, which stand left of "
                f"'=', and the file's own name stands right of it{turned or '; mend the left name'}"
            )
        if ours in found:
            raise UserInputError(f"--columns {_shown(text)}: {ours} is given twice; leave one out")
        found[ours] = theirs
    return found


def parse_label_map(text: str) -> dict[str, float | None]:
    """`entailment=1,contradiction=0,neutral=drop` as a mapping of labels to numbers; None drops the pair.

    Raises:
        UserInputError: A part is no pair, a label stands twice, or a value is neither a number nor `drop`.
    """
    found: dict[str, float | None] = {}
    for label, value in _parts("--label-map", text, "duplicate=1,different=0"):
        if label in found:
            raise UserInputError(f"--label-map {_shown(text)}: {_shown(label)!r} is given twice; leave one out")
        if value != DROP and not _is_number(value):
            raise UserInputError(
                f"--label-map {_shown(text)}: {_shown(value)!r} is neither a number nor '{DROP}'; the file's own label "
                f"stands left of '=', as in {_MAP_EXAMPLE}"
            )
        found[label] = None if value == DROP else float(value)
    if len({value for value in found.values() if value is not None}) < _ENDS_OF_RANGE:
        raise UserInputError(f"--label-map {_shown(text)}: two labels at least must have different numbers")
    return found


def parse_range(text: str) -> tuple[float, float]:
    """`0,5` as the least and the largest grade.

    Raises:
        UserInputError: It is no pair of ascending numbers.
    """
    ends = [float(part) for part in text.split(",") if _is_number(part)]
    if len(ends) != _ENDS_OF_RANGE or text.count(",") != 1 or ends[0] >= ends[1]:
        raise UserInputError(
            f"--label-range {_shown(text)}: two ascending numbers are expected, as in --label-range 0,5"
        )
    return ends[0], ends[1]


def parse_delimiter(text: str) -> str:
    """One sign, or `tab`.

    Raises:
        UserInputError: It is longer, or cannot stand between fields.
    """
    sign = _NAMED_SIGNS.get(text.casefold(), text)
    if len(sign) != 1 or sign in '"\r\n' or not sign.isascii():
        raise UserInputError(f"--delimiter {_shown(text)}: one sign is expected, such as ';', or tab")
    return sign


def refuse_options(options: DataOptions) -> None:
    """Refuse options that contradict each other, before a file is read.

    Raises:
        UserInputError: They do.
    """
    if options.profile is ProfileName.DATING and options.of_pairs_alone:
        raise UserInputError(
            "files, columns, labels and formats are fixed in the dating profile; leave those options or --profile out"
        )
    if len(options.slices) > MAX_SLICES:
        raise UserInputError(
            f"--slice-by: {len(options.slices)} columns, but results and pages have places for {MAX_SLICES}; drop some"
        )
    if len(set(options.slices)) < len(options.slices):
        raise UserInputError(f"--slice-by {_shown(options.slices[0])}: given twice; leave one out")
    low, high = options.label_range or (-math.inf, math.inf)
    if options.positive_at is not None and not low < options.positive_at <= high:
        raise UserInputError(f"--positive-at {options.positive_at:g}: outside --label-range {low:g},{high:g}")
    cut = options.positive_at is not None or options.label_range is not None
    if options.label_kind is LabelKind.BINARY and cut:
        raise UserInputError("--label-range and --positive-at belong to graded labels; leave out --label-kind binary")
    if options.label_kind is LabelKind.CLASSES and not options.label_map:
        raise UserInputError(f"--label-kind classes needs a number for each class, as in {_MAP_EXAMPLE}")


FILE_OPTIONS = {
    Split.TRAIN: "--train-file",
    Split.VALIDATION: "--validation-file",
    Split.TEST: "--test-file",
    Split.CHALLENGE: "--challenge-file",
}


def _parts(option: str, text: str, example: str) -> list[tuple[str, str]]:
    parts = [part.partition("=") for part in text.split(",")]
    for left, sign, right in parts:
        if not (left.strip() and sign and right.strip()):
            part = _shown(f"{left}{sign}{right}")
            raise UserInputError(f"{option} {_shown(text)}: {part!r} is no NAME=VALUE; write it as {option} {example}")
    return [(left.strip(), right.strip()) for left, _, right in parts]


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _shown(text: str) -> str:
    return printable(text, NAME_LIMIT)
