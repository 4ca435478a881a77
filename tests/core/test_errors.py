from __future__ import annotations

import inspect

import click
import pytest
from click.testing import CliRunner

from src.commands.group import Group
from src.core import errors
from src.core.errors import (
    ArtifactError,
    CheckpointError,
    DataFileError,
    GateError,
    InUseError,
    MissingStageError,
    ModelError,
    ModelFolderError,
    PipelineError,
    StageError,
    UnfinishedTrainingError,
    UserInputError,
    memory_is_short,
    message_line,
    printable,
)

NO_MEMORY = "out of memory; close other programs or use less data, and with `train` a smaller --batch-size"
ELSEWHERE = "mend that or choose another place, and run again"
EXIT_CODES = {
    PipelineError: 1,
    StageError: 1,
    ArtifactError: 1,
    CheckpointError: 1,
    UnfinishedTrainingError: 2,
    ModelError: 1,
    ModelFolderError: 2,
    InUseError: 1,
    UserInputError: 2,
    DataFileError: 2,
    MissingStageError: 2,
    GateError: 3,
}


def test_every_error_of_the_tree_has_a_known_exit_code() -> None:
    tree = {
        thing
        for _, thing in inspect.getmembers(errors, inspect.isclass)
        if issubclass(thing, Exception) and thing.__module__ == errors.__name__
    }

    assert tree == set(EXIT_CODES)
    assert {error: error.exit_code for error in tree} == EXIT_CODES


@pytest.mark.parametrize("error", EXIT_CODES)
def test_a_caller_can_catch_every_error_as_one(error: type[PipelineError]) -> None:
    with pytest.raises(PipelineError, match=r"^data\.jsonl:3: the label is missing$"):
        raise error("data.jsonl:3: the label is missing")


@pytest.mark.parametrize("error", [DataFileError, MissingStageError, ModelFolderError])
def test_a_file_or_an_order_of_commands_that_is_wrong_is_the_users_to_mend(error: type[PipelineError]) -> None:
    assert issubclass(error, UserInputError)


@pytest.mark.parametrize("error", [ArtifactError, ModelError, GateError])
def test_what_the_user_did_not_give_is_not_called_the_users_fault(error: type[PipelineError]) -> None:
    assert not issubclass(error, UserInputError)


@pytest.mark.parametrize(("error", "code"), EXIT_CODES.items())
def test_the_command_line_turns_it_into_one_line_on_stderr_and_its_exit_code(
    error: type[PipelineError], code: int
) -> None:
    @click.command()
    def fail() -> None:
        raise error("data.jsonl:3: [bold]x[/bold]; mend it")

    result = CliRunner().invoke(Group(commands={"fail": fail}), ["fail"])

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr == "Error: data.jsonl:3: [bold]x[/bold]; mend it\n"


def test_several_lines_are_several_arguments() -> None:
    assert str(DataFileError("a.jsonl:1: x", "a.jsonl:2: y")) == "a.jsonl:1: x\na.jsonl:2: y"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\u202eabc", "\\u202eabc"),
        ("\udce9", "\\udce9"),
        ("今日は é 🎉", "今日は é 🎉"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("length", "shown"), [(9, "x" * 9), (10, "x" * 10), (11, "x" * 9 + "…"), (10**6, "x" * 9 + "…")]
)
def test_a_long_text_is_cut(length: int, shown: str) -> None:
    assert printable("x" * length, 10) == shown


def test_a_long_message_keeps_its_ends_where_the_file_and_the_remedy_stand() -> None:
    line = message_line(f"data.jsonl: {'x' * 100_000} is no name; choose another")

    assert len(line) == 500
    assert line.startswith("data.jsonl: x")
    assert line.endswith("x is no name; choose another")
    assert message_line("x" * 500) == "x" * 500


@pytest.mark.parametrize("line", ["data\x1b[31m.jsonl:3: x", "two\nlines.jsonl:3: x"])
def test_the_command_line_escapes_what_a_message_may_hold(line: str) -> None:
    @click.command()
    def fail() -> None:
        raise DataFileError(line, "and more")

    result = CliRunner().invoke(Group(commands={"fail": fail}), ["fail"])

    assert result.stderr == f"Error: {printable(line)}\nand more\n"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), NO_MEMORY),
        (RuntimeError("CUDA out of memory. Tried"), NO_MEMORY),
        (
            ImportError("x.so: failed to map segment from shared object"),
            NO_MEMORY,
        ),
        (OSError(28, "No space left on device", "/x/y"), f"/x/y: cannot be used: No space left on device; {ELSEWHERE}"),
        (OSError("odd"), f"standard output or a file: cannot be used: odd; {ELSEWHERE}"),
        (KeyError("label"), "unexpected KeyError: 'label'; -v shows where it happened"),
        (ValueError("first\nsecond"), "unexpected ValueError: first; -v shows where it happened"),
    ],
)
def test_an_error_that_no_stage_has_named_is_one_line_too(error: Exception, told: str) -> None:
    @click.command()
    def fail() -> None:
        raise error

    result = CliRunner().invoke(Group(commands={"fail": fail}), ["fail"])

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"Error: {told}\n")


def test_an_error_while_memory_is_short_is_told_as_out_of_memory_whatever_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @click.command()
    def fail() -> None:
        raise ImportError("type: Unable to create type object!")

    monkeypatch.setattr("src.commands.group.memory_is_short", lambda _: True)
    result = CliRunner().invoke(Group(commands={"fail": fail}), ["fail"])

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"Error: {NO_MEMORY}\n")


def test_memory_is_short_where_so_many_bytes_cannot_be_had() -> None:
    assert memory_is_short(1 << 62)
    assert not memory_is_short(1)


def test_an_error_of_a_stage_keeps_the_first_command_that_it_is_given() -> None:
    error = MissingStageError("baseline has not been run").made_by("baseline").made_by("compare")

    assert (str(error), error.command) == ("baseline has not been run", "baseline")


def test_an_error_of_several_stages_tells_each_of_them() -> None:
    causes = (MissingStageError("a is stale", command="a"), MissingStageError("b is stale", command="b"))

    assert str(MissingStageError(causes=causes)) == "a is stale\nb is stale"
