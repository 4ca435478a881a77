"""The first draft of a recipe, from the user's answers or from the first rows alone."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from src.core.errors import DataFileError, UserInputError
from src.data.options import DataOptions, parse_columns
from src.preparation.first_recipe import first_recipe
from tests.support.data_files import write_data, write_jsonl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from src.preparation.first_recipe import FirstRecipe


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, labels: Sequence[object], names: Sequence[str] = ("question1", "question2", "label")) -> None:
    """Train and test as CSV, with these labels in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("train", "test"):
        with (folder / f"{part}.csv").open("w", newline="") as file:
            rows = [
                ["id", *names],
                *([i, f"{part} one {i}", f"{part} two {i}", labels[i % len(labels)]] for i in range(40)),
            ]
            csv.writer(file).writerows(rows)


def draft(ask: Callable[..., str] | None = None, **given: Any) -> dict[str, Any]:  # noqa: ANN401
    """The section `data` of a draft; `columns` are the only option that is read here."""
    columns = parse_columns(given["columns"]) if "columns" in given else {}
    return dict(whole(ask, DataOptions(columns=columns), **given).values["data"])


def whole(ask: Callable[..., str] | None, options: DataOptions, **given: Any) -> FirstRecipe:  # noqa: ANN401
    return first_recipe(given, options, 42, ask)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ((0, 1), {"label_kind": "binary"}),
        (("true", "False", ""), {"label_kind": "binary"}),
        (("duplicate", "different"), {"label_map": "different=0,duplicate=1"}),
        (("no", "Yes", "-"), {"label_map": "Yes=1,no=0"}),
        (
            ("neutral", "entailment", "contradiction", "-"),
            {"label_map": "contradiction=0,entailment=1,neutral=0.5"},
        ),
        ((0, 1.5, 4.8, 2, 3), {"label_range": "0,5"}),
        ((1, 2, 3, 4, 5), {"label_range": "1,5"}),
    ],
)
def test_the_first_rows_suggest_what_the_label_means(
    here: Path, labels: tuple[object, ...], expected: dict[str, object]
) -> None:
    write(here / "data" / "raw", labels)

    assert draft() == {
        "profile": "pairs",
        "data_dir": "data/raw",
        "columns": "text_1=question1,text_2=question2,label=label",
        **expected,
    }


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ((0, 1, 2), "the labels are 0, 1, 2; grades or classes?"),
        (("cat", "dog"), "the labels are cat, dog; say what each one means, as in --label-map cat=1,dog=0"),
        (("same", "similar"), "the labels are same, similar; say what each one means"),
        (("a", "b", "same"), "say what each one means"),
    ],
)
def test_labels_that_nothing_speaks_for_are_refused_without_a_user_to_ask(
    here: Path, labels: tuple[object, ...], message: str
) -> None:
    write(here, labels)

    with pytest.raises(DataFileError, match=message):
        draft()


def test_columns_that_are_not_recognised_are_refused_without_a_user_to_ask(here: Path) -> None:
    write(here, (0, 1), ("left", "right", "same"))

    with pytest.raises(DataFileError, match="no column is recognised as the texts; name them with --columns"):
        draft()


class Answers:
    """A user who takes the guess, or gives these answers; one that is refused is followed by the next."""

    def __init__(self, *answers: str) -> None:
        self.asked: list[tuple[str, str]] = []
        self.refused: list[str] = []
        self._answers = list(answers)

    def __call__(self, question: str, guess: str, check: Callable[[str], object]) -> str:
        self.asked.append((question, guess))
        while True:
            answer = self._answers.pop(0) if self._answers else guess
            try:
                check(answer)
            except UserInputError as error:
                self.refused.append(error.args[0])
            else:
                return answer


def test_three_questions_are_asked_with_a_guess_each(here: Path) -> None:
    write(here / "data", ("cat", "dog", "cow"), ("left", "right", "animal"))
    user = Answers()

    found = draft(user)

    assert [question.partition("?")[0] for question, _ in user.asked] == [
        "Which folder holds the data files",
        "Which columns are the two texts and the label, as OURS=THEIRS,...",
        "What do the labels mean (cat, cow, dog)",
    ]
    guesses = ["data", "text_1=left,text_2=right,label=animal", "cat=1,cow=0,dog=drop"]
    assert [guess for _, guess in user.asked] == guesses
    assert list(found.values()) == ["pairs", *guesses]


def test_an_answer_takes_the_place_of_the_guess_and_one_that_cannot_be_is_asked_for_again(here: Path) -> None:
    write(here / "data", (0, 1, 2), ("left", "right", "same"))
    columns = "text_1=right,text_2=left,label=same"
    user = Answers("nowhere", "data", "text_1=x", columns, "binary", "high", "2,0", "0,2")

    found = draft(user)

    assert found == {
        "profile": "pairs",
        "data_dir": "data",
        "columns": columns,
        "label_range": "0,2",
    }
    assert [message.partition(":")[0] for message in user.refused] == [
        "nowhere",
        "data/train.csv",
        "data/train.csv",
        "high",
        "--label-range 2,0",
    ]


def test_what_was_given_is_taken_as_it_is(here: Path) -> None:
    write(here / "mine", ("cat", "dog"), ("left", "right", "animal"))
    columns = "text_1=left,text_2=right,label=animal"
    options = DataOptions(columns=parse_columns(columns), label_map={"cat": 1.0, "dog": 0.0})
    given = {"data_dir": Path("mine"), "columns": columns, "label_map": "cat=1,dog=0"}

    found = whole(None, options, **given)

    assert found.values["data"] == {"profile": "pairs", **given}
    assert found.comments["data.label_map"] == "As given."


def test_files_that_were_named_need_no_folder(here: Path) -> None:
    write(here / "deep", (0, 1))
    files = {"train": here / "deep" / "train.csv", "eval": here / "deep" / "test.csv"}
    given = {"train_file": files["train"], "test_file": files["eval"]}

    found = whole(None, DataOptions(files=files, searched=False), **given).values["data"]

    assert list(found) == ["profile", "train_file", "test_file", "columns", "label_kind"]


def test_the_projects_own_data_needs_no_more_than_its_folder(here: Path) -> None:
    write_data(here / "data" / "raw")
    user = Answers()

    found = whole(user, DataOptions())

    assert found.values == {
        "": {"select_on": "test", "seed": 42},
        "data": {"profile": "dating", "data_dir": "data/raw"},
    }
    assert len(user.asked) == 1


def test_unused_columns_are_named_as_what_may_be_measured_by_value(here: Path) -> None:
    write(here, (0, 1))

    comment = whole(None, DataOptions()).comments["data.columns"]

    assert comment.endswith("\nColumns that are not used: id. `slice_by: [COLUMN]` measures each value of one.")


def test_files_of_the_working_folder_are_named_one_by_one_because_results_go_there(here: Path) -> None:
    write(here, (0, 1))
    (here / "challenge.csv").write_text("question1,question2,label\n")

    found = draft()

    assert list(found)[:4] == ["profile", "train_file", "test_file", "challenge_file"]
    assert found["train_file"] == "train.csv"


def test_no_data_and_a_single_file_are_told_with_what_to_do(here: Path) -> None:
    with pytest.raises(
        UserInputError, match=r"no train and test files in data/raw, data, \.: name the folder with --data"
    ):
        draft()
    write_jsonl(here / "train.jsonl", [{"text_1": "a", "text_2": "b", "label": 1}])
    with pytest.raises(UserInputError, match="`split` divides one file"):
        draft()


def test_a_file_without_a_record_suggests_nothing(here: Path) -> None:
    for name in ("train", "test"):
        (here / f"{name}.csv").write_text("text_1,text_2,label\n")

    with pytest.raises(DataFileError, match="no records; expected one labelled pair a record"):
        draft()
