"""The first draft of a recipe: what the data is, as the user says or as the first rows suggest."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import DataFileError, UserInputError
from ..data.columns import find_columns
from ..data.files import files_of, find_files
from ..data.formats.faults import Faults, RowFaultError, quote
from ..data.formats.source import opened
from ..data.labels import MISSING, finite_number, label_scheme, label_token
from ..data.options import FILE_OPTIONS, parse_columns, parse_label_map, parse_range
from ..data.raw_file import raw_file
from ..models import LabelKind, ProfileName, Split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..data.columns import Columns
    from ..data.options import DataOptions
    from ..data.raw_file import RawFile

    # asks a question with a guess; an answer that the check refuses with a UserInputError is asked for again
    Ask = Callable[[str, str, Callable[[str], object]], str]

ROWS = 2_000
FOLDERS = ("data/raw", "data", ".")
DATING_FILE = "dating_pairs.jsonl"
_FILE_KEYS = ("data_dir", "train_file", "validation_file", "test_file", "challenge_file")
_LABEL_KEYS = ("label_kind", "label_map", "label_range", "positive_at")
_BINARY = "binary"
# words that call a pair positive, and the classes of natural language inference
_POSITIVE = frozenset(
    {
        "compatible",
        "duplicate",
        "entailment",
        "equivalent",
        "match",
        "paraphrase",
        "positive",
        "related",
        "same",
        "similar",
    }
    | {"relevant", "true", "yes"}
)
_INFERENCE = {"contradiction": "0", "entailment": "1", "neutral": "0.5"}
_MOST_CLASSES = 3
_NAMED = 8  # labels in a question
_ABOUT = """Recipe: what `--config` gives to every command. An option on the command line wins over it.
`recipe show --config FILE` prints the other keys, with what they mean."""


_CHOOSES = {
    "validation": "Validation pairs choose each checkpoint, those of a validation file or else train pairs that are "
    "set aside, so that no test pair chooses anything. "
    "`test` is faster, and makes the scores a little too high.",
    "test": "The test pairs choose each checkpoint, which makes their scores a little too high; `validation` takes "
    "other pairs for it.",
}


@dataclass(frozen=True)
class FirstRecipe:
    """Values by section and key, and a comment for each key, as `recipe_text` takes them."""

    values: Mapping[str, Mapping[str, Any]]
    comments: Mapping[str, str]


@dataclass
class _Draft:
    """What is known so far of the section `data`, and whom to ask for more."""

    values: dict[str, Any]
    comments: dict[str, str]
    ask: Ask | None


def first_recipe(given: Mapping[str, Any], options: DataOptions, seed: int, ask: Ask | None) -> FirstRecipe:
    """Draft a recipe for labelled pairs.

    Args:
        given: Options about the data that the user gave, by name; these are not asked for.
        options: The same, read.
        seed: The recipe's.
        ask: Asks the user for the files, the columns and what the label means; None takes what the rows suggest.

    Raises:
        UserInputError: There are no such files, or the rows do not suggest what a column or a label is.
    """
    draft = _Draft(dict(given), dict.fromkeys(given, "As given."), ask)
    folder = _folder(draft, options)
    if options.profile is ProfileName.DATING or (not options.of_pairs_alone and _is_dating(folder)):
        draft.values["profile"] = "dating"
        draft.comments["profile"] = "The project's own dating pairs: files, columns and labels have fixed names."
        return _recipe(draft, seed, "test")
    draft.values["profile"] = "pairs"
    draft.comments["profile"] = "Any labelled pairs; `dating` is the project's own kind of data."
    files = find_files(folder, dataclasses.replace(options, searched="data_dir" in draft.values))
    if draft.values.get("data_dir") == ".":
        _name_files(draft, files)
    path = files[Split.TRAIN]
    file = raw_file(path, options, "name the file with --train-file")
    with opened(path, "") as source:
        rows = [row for _, row in islice(file.rows(source, Faults(path)), ROWS)]
    if not rows:
        raise DataFileError(f"{path}: no records; expected one labelled pair a record")
    columns = _columns(draft, file, rows, options)
    _labels(draft, path, _tokens(rows, str(columns.label)), options)
    if unused := ", ".join(map(quote, columns.unused(file.columns))):
        draft.comments["columns"] += (
            f"\nColumns that are not used: {unused}. `slice_by: [COLUMN]` measures each value of one."
        )
    return _recipe(draft, seed, "validation")


def _recipe(draft: _Draft, seed: int, select_on: str) -> FirstRecipe:
    ordered = {name: draft.values[name] for name in ("profile", *_FILE_KEYS, *draft.values) if name in draft.values}
    return FirstRecipe(
        {"": {"select_on": select_on, "seed": seed}, "data": ordered},
        {
            "": _ABOUT,
            "select_on": _CHOOSES[select_on],
            "seed": "Every draw follows from it.",
            "data": "What the data is.",
        }
        | {f"data.{name}": text for name, text in draft.comments.items()},
    )


# --- which files ----------------------------------------------------------------------------------------


def _folder(draft: _Draft, options: DataOptions) -> Path:
    """The data folder; it is asked for where no file is named."""

    def check(text: str) -> None:
        if not _is_dating(Path(text)):
            find_files(Path(text), options)

    if not any(name in draft.values for name in _FILE_KEYS):
        guess = next((name for name in FOLDERS if _has_data(Path(name))), "")
        found = draft.ask("Which folder holds the data files?", guess, check) if draft.ask else guess
        if not found:
            raise UserInputError(
                f"no train and test files in {', '.join(FOLDERS)}: name the folder with --data-dir, or the files with "
                "--train-file and --test-file; `split` divides one file"
            )
        draft.values["data_dir"] = found
    draft.comments["data_dir"] = (
        "The folder with the files, which are found by the words train, validation, test and challenge in their names. "
        "Paths are relative to where a command is run."
    )
    return Path(draft.values.get("data_dir", "."))


def _has_data(folder: Path) -> bool:
    return _is_dating(folder) or all(files_of(folder, split) for split in (Split.TRAIN, Split.TEST))


def _is_dating(folder: Path) -> bool:
    return (folder / DATING_FILE).is_file()


def _name_files(draft: _Draft, files: Mapping[Split, Path]) -> None:
    """Name each file in place of the working folder: results go there, and --data-dir must be another one."""
    del draft.values["data_dir"]
    for split, path in files.items():
        name = FILE_OPTIONS[split].removeprefix("--").replace("-", "_")
        draft.values[name] = path.name
        draft.comments[name] = f"The {split} pairs. Paths are relative to where a command is run."


# --- which columns --------------------------------------------------------------------------------------


def _columns(draft: _Draft, file: RawFile, rows: Sequence[Mapping[str, Any]], options: DataOptions) -> Columns:
    """The columns of the file; they are asked for where they were not given."""

    def read(text: str) -> Columns:
        return find_columns(file.path, file.columns, parse_columns(text), options.slices)

    if "columns" in draft.values:
        return find_columns(file.path, file.columns, options.columns, options.slices)
    draft.comments["columns"] = "Our names on the left, the file's own on the right."
    try:
        text = _as_text(find_columns(file.path, file.columns, {}, options.slices))
        draft.comments["columns"] += " Recognised by their names."
    except DataFileError:
        if draft.ask is None:
            raise
        text = _guessed_columns(file.columns, rows)
    if draft.ask:
        text = draft.ask("Which columns are the two texts and the label, as OURS=THEIRS,...?", text, read)
    draft.values["columns"] = text
    return read(text)


def _as_text(columns: Columns) -> str:
    return f"text_1={columns.text_1},text_2={columns.text_2},label={columns.label}"


def _guessed_columns(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """The two columns with the longest texts, each counted once, and of the others that with the fewest values."""

    def length(name: str) -> int:
        return sum(map(len, {value for row in rows if isinstance(value := row.get(name), str)}))

    def kinds(name: str) -> int:
        return len({str(row.get(name)) for row in rows})

    texts = sorted(sorted(names, key=length, reverse=True)[:2], key=list(names).index)
    labels = sorted((name for name in names if name not in texts and kinds(name) > 1), key=kinds)
    found = zip(("text_1", "text_2", "label"), [*texts, *labels], strict=False)
    return ",".join(f"{ours}={theirs}" for ours, theirs in found)


# --- what the label means -------------------------------------------------------------------------------


def _tokens(rows: Sequence[Mapping[str, Any]], column: str) -> list[str]:
    """The different labels of the rows, sorted; faulty ones are told when the file is read."""
    found = set()
    for row in rows:
        try:
            found.add(label_token(row.get(column)))
        except RowFaultError:
            continue
    return sorted(found)


def _labels(draft: _Draft, path: Path, tokens: Sequence[str], options: DataOptions) -> None:
    """What the labels mean; it is asked for where it was not given."""
    if any(name in draft.values for name in _LABEL_KEYS):
        return

    def check(text: str) -> None:
        faults = label_scheme(path, tokens, _with_labels(options, text)).faults
        if faults:
            raise UserInputError(f"{path}{next(iter(faults.values()))}")

    answer = _guessed_labels(tokens, asked=draft.ask is not None)
    if draft.ask:
        shown = ", ".join(quote(token) or "empty" for token in tokens[:_NAMED])
        more = ", ..." if tokens[_NAMED:] else ""
        forms = f"LABEL=NUMBER,..., or LOW,HIGH of grades, or {_BINARY}"
        answer = draft.ask(f"What do the labels mean ({shown}{more})? {forms}", answer, check)
    if not answer:
        # it says what is not clear, and how to say it
        label_scheme(path, tokens, options)
    check(answer or _BINARY)
    draft.values |= _label_values(answer or _BINARY)
    checked = "" if draft.ask else " A guess from the first rows: check it."
    draft.comments |= {
        "label_kind": "Labels are 0 and 1, or false and true.",
        "label_map": "What each label means: 1 positive, 0 negative, between them a grade, `drop` leaves the pair out."
        + checked,
        "label_range": "The least and the largest grade. `positive_at: GRADE` adds thresholds and F1." + checked,
    }


def _guessed_labels(tokens: Sequence[str], *, asked: bool) -> str:
    """What the labels may mean, in the form of an answer; empty where nothing speaks for a meaning.

    Args:
        tokens: The different labels.
        asked: Whether the user looks at the guess, so that it may be a bold one.
    """
    present = [token for token in tokens if token not in MISSING]
    numbers = [number for token in present if (number := finite_number(token)) is not None]
    words = {token.casefold(): token for token in present}
    if words.keys() <= {"0", "1", "false", "true"}:
        return _BINARY
    if len(numbers) == len(present) > _MOST_CLASSES:
        low, high = math.floor(min(numbers)), math.ceil(max(numbers))
        return f"{low},{high}"
    if numbers:
        return ""
    if words.keys() == _INFERENCE.keys():
        return ",".join(f"{token}={_INFERENCE[word]}" for word, token in words.items())
    positive = [token for word, token in words.items() if word in _POSITIVE]
    if len(positive) == 1 and len(present) == len(("positive", "negative")):
        return ",".join(f"{token}={int(token in positive)}" for token in present)
    # it is looked at and answered; without that, what nothing speaks for is refused
    return (
        ",".join(f"{token}={value}" for token, value in zip_longest(present, "10", fillvalue="drop")) if asked else ""
    )


def _label_values(answer: str) -> dict[str, str]:
    """The keys of the recipe that an answer stands for."""
    if "=" in answer:
        return {"label_map": answer}
    if "," in answer:
        return {"label_range": answer}
    if answer.strip() != _BINARY:
        raise UserInputError(f"{quote(answer)}: write same=1,other=0, or 0,5, or {_BINARY}")
    return {"label_kind": _BINARY}


def _with_labels(options: DataOptions, answer: str) -> DataOptions:
    found = _label_values(answer)
    return dataclasses.replace(
        options,
        label_kind=LabelKind(found.get("label_kind", "auto")),
        label_map=parse_label_map(found["label_map"]) if "label_map" in found else {},
        label_range=parse_range(found["label_range"]) if "label_range" in found else None,
    )
