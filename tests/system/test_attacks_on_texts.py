"""The tables of `attacks_on_texts.py`, each case against the code that it is aimed at."""

from __future__ import annotations

import ast
import importlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text

from src.cli import entry
from src.core.errors import LINE_LIMIT, DataFileError
from src.core.formatting import json_line
from src.core.progress import LEAST_WIDTH, PatientConsole
from src.data_loader import load_pairs
from src.models import PairScore
from src.report.terminal_table import render
from src.tables.table import word_table
from tests.support.counting_matcher import Search, is_linear, steps_grow
from tests.support.data_files import write_data
from tests.support.real_command import FAILED, REPOSITORY, WRONG
from tests.system.attacks_on_texts import JOINED, LONG_VALUES, NARROW, ODD_FOLDERS, UNITS, UNSEEN, Joined, Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], _undo_settings: None
) -> Run:
    """Runs a command line in this process, in an empty root beside small data."""
    monkeypatch.chdir(tmp_path)

    def start(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cli", *arguments])
        with pytest.raises(SystemExit) as ended:
            entry()
        return int(ended.value.code or 0), *capsys.readouterr()

    return start


# --- 4: patterns that take quadratic time ---------------------------------------------------------------


def source_patterns() -> Iterator[tuple[str, str]]:
    """Name and pattern of each search in `src`, which has them at the top of its modules alone."""
    for file in sorted((REPOSITORY / "src").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = [
            node.targets[0].id
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and ast.unparse(node.value).startswith("re.compile(")
        ]
        assert ast.unparse(tree).count("re.compile(") == len(names), f"{file}: a pattern stands within a function"
        for name in names:
            module = importlib.import_module(".".join(file.relative_to(REPOSITORY).with_suffix("").parts))
            yield f"{file.stem}.{name}", getattr(module, name).pattern


def sklearn_pattern() -> str:
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer

    pattern: str = TfidfVectorizer().token_pattern
    assert HashingVectorizer().token_pattern == pattern
    return pattern


def environment_patterns() -> Iterator[tuple[str, str]]:
    """The patterns of a table of text, each of which has to match as a whole."""
    tree = ast.parse((REPOSITORY / "src" / "core" / TABLE_OF_PATTERNS).read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for text in sorted(texts):
        with suppress(re.error):
            yield f"environment {text[:20]}", rf"\A(?:{re.compile(text).pattern})\Z"


TABLE_OF_PATTERNS = "environment_variables.py"
PATTERNS = {**dict(source_patterns()), **dict(environment_patterns()), "sklearn's words": sklearn_pattern()}
QUADRATIC = (
    r"[.!?]+(?=\s)", r"</?[a-zA-Z][^>]*>", r"\s+$", r"(a|b)*c", r"a.*b", r"a++b", r"(?:a+b)*+", r"\d+\d+;",
    r"<!--[^>]*-->", r"(?:&\w+)+;", r"(?>a+)b", r"[^\W_]+@", r"a*?b", r"(?:aa?)+$", r"(\w+\s?)+:",
)  # fmt: skip
LINEAR = (
    r"[.!?](?=\s)", r"\s\s", r"a++", r"&#\d++;", r"\w+", r"(?:ab)*+", r"[^\W_]++(?:'[^\W_]++)*+", r"^\s+x", r"a{2,9}b",
    r"\b\w\w+\b", r"(?<!a)a++b", r"x|y", r"n(?<=\bn)o\b",
)  # fmt: skip


def test_only_compiled_patterns_are_used() -> None:
    used = [
        f"{file.name}:{node.lineno}"
        for file in (REPOSITORY / "src").rglob("*.py")
        if file.name != TABLE_OF_PATTERNS
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (
            isinstance(node, ast.Attribute)
            and ast.unparse(node.value) == "re"
            and node.attr not in {"compile", "ASCII", "Pattern"}
        )
        or (isinstance(node, ast.ImportFrom) and node.module == "re")
    ]

    assert used == []


@pytest.mark.parametrize("name", PATTERNS)
def test_the_steps_of_a_search_grow_with_the_text_alone(name: str) -> None:
    assert is_linear(PATTERNS[name])


@pytest.mark.parametrize("unit", UNITS)
def test_no_text_that_repeats_itself_makes_a_search_slow(unit: str) -> None:
    assert [name for name, pattern in PATTERNS.items() if steps_grow(pattern, unit)] == []


@pytest.mark.parametrize("pattern", QUADRATIC)
def test_a_pattern_that_takes_quadratic_time_is_found(pattern: str) -> None:
    assert not is_linear(pattern)


@pytest.mark.parametrize("pattern", LINEAR)
def test_a_pattern_that_takes_linear_time_is_not_taken_for_a_slow_one(pattern: str) -> None:
    assert is_linear(pattern)


@settings(max_examples=100, deadline=None, database=None)
@given(
    pattern=st.sampled_from([*PATTERNS.values(), *QUADRATIC, *LINEAR]),
    text=st.text(st.sampled_from("aeinostdxy bcd'.,;:!?<>/&#@-_019\n\u2026\u0301\u200b"), max_size=12),
)
def test_the_steps_are_counted_of_the_search_that_re_makes(pattern: str, text: str) -> None:
    assert Search(pattern, text).spans == [match.span() for match in re.finditer(pattern, text)]


# --- 10: long values ------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", LONG_VALUES, ids=[case.name for case in LONG_VALUES])
def test_no_message_quotes_a_long_value_whole(run: Run, tmp_path: Path, case: Told) -> None:
    write_data(tmp_path / "data" / "raw")
    with (tmp_path / "data" / "raw" / "dating_pairs.jsonl").open("a", encoding="utf-8") as file:
        file.write(case.line)

    code, out, err = run(*case.arguments)

    assert (code in (FAILED, WRONG), out) == (True, ""), out + err
    assert err.splitlines()[-1].startswith("Error: ")
    assert max(map(len, err.splitlines())) <= len("Error: ") + LINE_LIMIT
    assert err.replace("\n", "").isprintable()


# --- 10: commands that can be pasted --------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("bash") is None, reason="no shell that knows $'...'")
@pytest.mark.parametrize("folder", ODD_FOLDERS)
def test_a_command_that_is_told_names_the_folder_to_a_shell(run: Run, folder: bytes) -> None:
    _, _, err = run(f"--root={os.fsdecode(folder)}", "evaluate")
    _, out, _ = run(f"--root={os.fsdecode(folder)}", "status")

    commands = [err.partition("; run `")[2].rpartition("` first")[0], out.partition("run: ")[2].partition("\n")[0]]
    for command, rest in zip(commands, (b"train\0--mode\0standard\0", b"evaluate-data\0"), strict=True):
        assert command.isprintable()
        words = subprocess.run(["bash", "-c", f"printf '%s\\0' {command}"], capture_output=True, check=True).stdout
        assert words == b"python\0-m\0src.cli\0--root\0" + folder + b"\0" + rest


# --- 10: JSON Lines -------------------------------------------------------------------------------------


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_score_is_one_line_for_every_reader(unseen: str) -> None:
    text = f"boy: one{unseen}two"
    score = PairScore(text_1=text, text_2=text, cosine=0.5, threshold=0.5, compatible=True, model="lora")

    line = json_line(score.model_dump_json())

    assert line.isprintable()
    assert json.loads(line) == score.model_dump()


# --- 10: byte-order marks -------------------------------------------------------------------------------


@pytest.mark.parametrize("joined", JOINED)
def test_a_byte_order_mark_within_a_file_is_named_with_its_line(tmp_path: Path, joined: Joined) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_bytes(joined.content)

    with pytest.raises(DataFileError) as caught:
        load_pairs(file)

    assert re.match(rf"{re.escape(str(file))}:{joined.line}:.* a byte-order mark .*joined\?", caught.value.args[0])


# --- 10: narrow terminals -------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", NARROW)
def test_a_table_has_room_for_words_in_any_terminal(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    stream = io.StringIO()
    console = PatientConsole(file=stream)

    console.print(render(word_table("Checks", ("Check", "Observed"), [("format", "all is in order")]), console.width))
    console.print(Text("three short words"))

    assert console.width == LEAST_WIDTH
    assert "all is in order" in stream.getvalue()
    assert "three short words\n" in stream.getvalue()
