"""Values of options and of the environment that a command must refuse; the tables stand in `attacks_on_commands.py`."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple

import click
import pytest
from click.testing import CliRunner

from src.cli import entry, main
from src.core.option_types import FiniteFloat, PathTo, PromptText, Text
from tests.support.real_command import REPOSITORY, WRONG, is_one_line_of_error
from tests.system.attacks_on_commands import (
    BLANK,
    ENVIRONMENTS,
    NOT_FINITE,
    TOO_LARGE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from click.testing import Result

# what a command needs besides the option that is tried
NEEDED = {
    "train": ("--mode", "lora"),
    "curve": ("--mode", "lora"),
    "search": ("--mode", "lora", "--trials", "2"),
    "decide": ("--from", "x.json"),
    "recipe": ("show",),
    "split": ("--out", "x"),
    "init": ("--out", "x.yaml"),
    "export": ("--name", "x", "--format", "merged", "--output", "x"),
}
HEAVY = {"torch", "transformers", "numpy", "sklearn", "pydantic", "rich"}
_REFUSED = """
import sys
from src.cli import entry

try:
    entry()
finally:
    print(*sys.modules)
"""


class Place(NamedTuple):
    """Where a value goes on a command line: an option or an argument of a command, or an option that all share."""

    command: str | None
    parameter: click.Parameter

    def line(self, value: str) -> list[str]:
        """A command line with a value in this place."""
        if isinstance(self.parameter, click.Argument):
            before = [a for a in main.commands[str(self.command)].params if isinstance(a, click.Argument)]
            return [str(self.command), "--", *["x"] * before.index(self.parameter), value]
        given = f"{self.parameter.opts[0]}={value}"
        if self.command is None:
            return [given, "status"]
        return [self.command, *NEEDED.get(self.command, ()), given]


def places() -> Iterator[Place]:
    """Every place for a value on every command line."""
    for name, command in [(None, main), *main.commands.items()]:
        for parameter in command.get_params(click.Context(command, parent=click.Context(main))):
            if isinstance(parameter, click.Argument) or not getattr(parameter, "is_flag", False):
                yield Place(name, parameter)


def called(place: Place) -> str:
    return f"{place.command or 'shared'} {place.parameter.opts[0]}"


PLACES = list(places())
TEXTS = [place for place in PLACES if isinstance(place.parameter.type, (Text, PathTo, PromptText))]
INTEGERS = [place for place in PLACES if isinstance(place.parameter.type, click.types.IntParamType)]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working folder, and an environment that is put back: a command sets variables for its process."""
    before = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


def run(line: list[str], environment: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, line, env=environment)


def is_refused_by_click(result: Result) -> bool:
    """Whether click's usage error, one line below the usage, was the answer."""
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: Invalid value for ")]
    return (result.exit_code, result.stdout, len(errors)) == (WRONG, "", 1)


# --- what is given on the command line ------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES, ids=called)
def test_a_blank_value_is_refused_everywhere_and_nothing_is_written(here: Path, place: Place) -> None:
    for value in BLANK:
        if not value and isinstance(place.parameter.type, PromptText):
            continue  # no prompt
        result = run(place.line(value))
        assert is_refused_by_click(result), (value, result.output)
        assert list(here.iterdir()) == []


@pytest.mark.parametrize("place", [place for place in PLACES if place not in TEXTS], ids=called)
def test_a_number_that_is_not_finite_is_refused_everywhere_and_nothing_is_written(here: Path, place: Place) -> None:
    for value in NOT_FINITE:
        if place in INTEGERS and value.lstrip("-").isdecimal():
            continue  # a whole number; the next test gives it
        result = run(place.line(value))
        assert is_refused_by_click(result), (value, result.output)
        assert list(here.iterdir()) == []


@pytest.mark.parametrize("place", INTEGERS, ids=called)
def test_a_whole_number_beyond_all_use_is_refused_and_nothing_is_written(here: Path, place: Place) -> None:
    for value in TOO_LARGE:
        result = run(["--root", "root", "--data-dir", "data", *place.line(value)])
        assert (result.exit_code, result.stdout) == (WRONG, ""), (value, result.output)
        assert place.parameter.opts[0] in result.stderr.splitlines()[-1]
        assert "unexpected" not in result.stderr
        assert list(here.iterdir()) == []


@pytest.mark.parametrize("place", PLACES, ids=called)
def test_an_option_has_a_type_that_refuses_what_is_blank_or_not_finite(place: Place) -> None:
    kind = place.parameter.type
    plain = (click.types.StringParamType, click.Path, click.File, click.types.FloatParamType)

    assert not isinstance(kind, plain) or isinstance(kind, (Text, PathTo, FiniteFloat, PromptText))


def test_no_option_is_read_from_the_environment() -> None:
    assert [called(place) for place in PLACES if place.parameter.envvar] == []
    assert "auto_envvar_prefix" not in main.context_settings


# --- what stands in the environment ---------------------------------------------------------------------


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_a_malformed_environment_is_refused_by_the_name_of_the_variable(
    here: Path, name: str, environment: Mapping[str, str]
) -> None:
    result = run(["--root", "root", "status"], environment)

    assert (result.exit_code, result.stdout) == (WRONG, ""), result.output
    assert is_one_line_of_error(result.stderr), result.stderr
    assert name in result.stderr
    assert "unset" in result.stderr
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("command", main.commands)
def test_every_command_looks_at_the_environment_first(here: Path, command: str) -> None:
    result = run([command, *NEEDED.get(command, ())], {"WORLD_SIZE": "abc"})

    assert (result.exit_code, result.stdout) == (WRONG, "")
    assert result.stderr.startswith("Error: WORLD_SIZE is 'abc' in the environment: ")
    assert list(here.iterdir()) == []


def test_the_help_answers_in_a_malformed_environment() -> None:
    assert run(["train", "--help"], {"WORLD_SIZE": "abc"}).exit_code == 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_a_terminal_of_another_encoding_is_shown_escapes(
    here: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding=encoding))
    monkeypatch.setattr(sys, "argv", ["cli", "--root", str(here / "né ≥"), "status"])

    with pytest.raises(SystemExit) as ended:
        entry()

    assert ended.value.code == 0
    name = "né ≥" if encoding == "utf-8" else r"\u2265"
    assert name in shown.getvalue().decode(encoding)


@pytest.mark.parametrize("line", [["--help"], ["train", "--help"], ["status"]])
def test_an_interpreter_without_docstrings_is_refused_before_the_help(
    line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("src.commands.group.sys", SimpleNamespace(flags=SimpleNamespace(optimize=2), argv=sys.argv))

    result = run(line)

    assert (result.exit_code, result.stdout) == (WRONG, "")
    assert result.stderr.startswith("Error: PYTHONOPTIMIZE=2 ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("variable", ["WORLD_SIZE", "PYTHONOPTIMIZE"])
def test_the_real_command_refuses_before_it_imports_a_heavy_package(here: Path, variable: str) -> None:
    value = {"WORLD_SIZE": "0", "PYTHONOPTIMIZE": "2"}[variable]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), variable: value}

    ended = subprocess.run(
        [sys.executable, "-c", _REFUSED, "run"], cwd=here, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == WRONG, ended.stderr
    assert is_one_line_of_error(ended.stderr), ended.stderr
    assert variable in ended.stderr
    assert HEAVY & set(ended.stdout.split()) == set()
    assert list(here.iterdir()) == []
