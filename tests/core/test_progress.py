from __future__ import annotations

import logging
import warnings

import pytest

from src.core.progress import Reporter, set_up_logging

LITERAL = ("[bold]x[/bold]", "[/]", "a:fire:b", "1 of 2 {done}", "a" * 300)


@pytest.mark.parametrize("text", LITERAL)
def test_a_message_is_one_line_on_stderr_letter_by_letter(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Reporter().say(text)

    assert capsys.readouterr() == ("", text + "\n")


def test_what_a_terminal_would_obey_is_escaped_in_messages(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(0)
    Reporter().say("a\x1b[31m\nb")
    logging.getLogger("src.x").warning("%s: kept", "c\x1b[31m\nd")

    err = capsys.readouterr().err
    assert "a\\x1b[31m\\nb\n" in err
    assert "c\\x1b[31m\\nd: kept" in err
    assert "\x1b" not in err


def test_what_an_error_says_is_escaped_and_cut_where_it_happened_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    set_up_logging(1)
    logging.getLogger("src.x").error("where", exc_info=ValueError(f"a\x1b[31m{'x' * 100_000}"))

    err = capsys.readouterr().err
    assert "ValueError: a\\x1b[31mx" in err
    assert "\x1b" not in err
    assert err.count("x") < 500


@pytest.mark.filterwarnings("always")
@pytest.mark.parametrize(("verbosity", "told"), [(0, False), (1, True)])
def test_a_librarys_warning_is_told_with_v_alone(
    capsys: pytest.CaptureFixture[str], verbosity: int, told: bool
) -> None:
    set_up_logging(verbosity)
    warnings.warn("a library is unhappy", stacklevel=1)

    assert ("a library is unhappy" in capsys.readouterr().err) == told


@pytest.mark.parametrize("verbosity", [0, 1])
def test_a_bar_says_what_is_done_and_how_much_of_it(verbosity: int, capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter(verbosity).task("Embedding [train] {x}", 30) as advance:
        advance(10)
        advance(20)
    out, err = capsys.readouterr()

    assert out == ""
    assert "Embedding [train] {x}" in err
    assert "30/30" in err
    assert "left" in err


def test_a_bar_counts_what_was_done_since_the_last_call(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter().task("x", 100) as advance:
        for done in (1, 2, 3):
            advance(done)

    assert "6/100" in capsys.readouterr().err


def test_a_quiet_run_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter(-1)
    reporter.say("hello")
    with reporter.task("x", 3) as advance:
        advance(3)

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("verbosity", [-1, 0])
def test_an_error_inside_a_bar_goes_through_and_another_bar_can_start(verbosity: int) -> None:
    reporter = Reporter(verbosity)
    with pytest.raises(ValueError, match="stop"), reporter.task("x", 3):
        raise ValueError("stop")
    with reporter.task("y", 1) as advance:
        advance(1)


@pytest.mark.parametrize(
    ("verbosity", "shown"),
    [
        (-1, ["own error", "library error"]),
        (0, ["own warning", "own error", "library error"]),
        (1, ["own debug", "own warning", "own error", "library warning", "library error"]),
    ],
)
def test_who_may_speak_depends_on_how_much_the_user_wants_to_hear(
    verbosity: int, shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging(verbosity)
    for name, logger in (("own", logging.getLogger("src.x")), ("library", logging.getLogger("library"))):
        for level in ("debug", "warning", "error"):
            logger.log(logging.getLevelNamesMapping()[level.upper()], "%s %s", name, level)
    out, err = capsys.readouterr()

    assert out == ""
    assert [line.split(maxsplit=1)[1].strip() for line in err.splitlines()] == shown


@pytest.mark.parametrize("text", LITERAL[:-1])
def test_a_log_record_is_one_line_letter_by_letter(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(0)
    logging.getLogger("src.x").warning("%s", text)
    (line,) = capsys.readouterr().err.splitlines()

    assert line.split(maxsplit=1)[1].strip() == text


def test_setting_up_twice_does_not_say_things_twice(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        set_up_logging(0)
    logging.getLogger("src.x").warning("once")

    assert capsys.readouterr().err.count("once") == 1
