from __future__ import annotations

import inspect

import click
import pytest
from click.testing import CliRunner

from src import errors
from src.cli import _Group
from src.errors import (
    ArtifactError,
    DataFileError,
    GateError,
    MissingStageError,
    ModelError,
    PipelineError,
    UserInputError,
)

EXIT_CODES = {
    PipelineError: 1,
    ArtifactError: 1,
    ModelError: 1,
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


@pytest.mark.parametrize("error", [DataFileError, MissingStageError])
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

    result = CliRunner().invoke(_Group(commands={"fail": fail}), ["fail"])

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr == "Error: data.jsonl:3: [bold]x[/bold]; mend it\n"
