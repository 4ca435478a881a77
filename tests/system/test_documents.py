"""What the documents claim of this repository is so."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PROMISES = ("README.md", "SECURITY.md")


def text(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def functions_of(file: str) -> set[str]:
    tree = ast.parse(text(file))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def places_of_the_table() -> list[str]:
    """Folders and front files in the rows of CLAUDE.md's table of places, from the top."""
    table = text("CLAUDE.md").split("| place | holds |\n", 1)[1].split("\n\n", 1)[0]
    return [name for row in table.splitlines()[1:] for name in re.findall(r"`([\w/.]+)`", row.split("|")[1])]


def test_every_folder_and_every_front_file_stands_once_in_the_table_of_places() -> None:
    source = REPOSITORY / "src"
    folders = [f"{path.name}/" for path in source.iterdir() if (path / "__init__.py").is_file()]
    files = [path.name for path in source.glob("*.py") if path.name != "__init__.py"]

    assert sorted(places_of_the_table()) == sorted([*folders, *files])


def test_the_front_of_the_source_has_at_most_twenty_files() -> None:
    assert len(list((REPOSITORY / "src").glob("*.py"))) <= 20


@pytest.mark.parametrize("folder", sorted(path.name for path in (REPOSITORY / "src").iterdir() if path.is_dir()))
def test_the_init_of_a_folder_is_one_docstring(folder: str) -> None:
    init = REPOSITORY / "src" / folder / "__init__.py"
    if init.is_file():
        tree = ast.parse(init.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree)
        assert len(tree.body) == 1


def test_imports_point_down(tmp_path: Path) -> None:
    """The contract holds, and is broken by an import upwards."""
    copy = tmp_path / "copy"
    shutil.copytree(REPOSITORY / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", copy)

    def kept() -> bool:
        command = [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
        ]
        ended = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        assert "Contracts:" in ended.stdout, ended.stderr
        return ended.returncode == 0

    assert kept()
    with (copy / "src" / "metrics.py").open("a", encoding="utf-8") as file:
        file.write("\nfrom .report import pages\n")
    assert not kept()


def sentences_of(code: str) -> list[str]:
    """Strings of three words or more that code holds, f-strings with `{}` for their values.

    Docstrings and the messages of raised errors do not count.
    """
    nodes = list(ast.walk(ast.parse(code)))
    skipped = {part for node in nodes if isinstance(node, ast.Raise) for part in ast.walk(node)}
    skipped |= {node.value for node in nodes if isinstance(node, ast.Expr)}
    skipped |= {part for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    found = [_text(node) for node in nodes if node not in skipped]
    return [text for text in found if text.strip().count(" ") > 1]


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize(
    ("code", "sentences"),
    [
        ("x = 'one label only'", ["one label only"]),
        ("f(reason=f'fewer than {n} pairs')", ["fewer than {} pairs"]),
        ("x = 'not estimable'", []),
        ("def f():\n    'Three words here.'\n    raise ValueError(f'give {n} labels or more')", []),
    ],
)
def test_a_sentence_is_a_string_of_three_words_that_is_no_docstring_and_no_error(
    code: str, sentences: list[str]
) -> None:
    assert sentences_of(code) == sentences


def test_code_that_computes_numbers_writes_no_sentences() -> None:
    source = REPOSITORY / "src"
    files = [source / name for name in ("metrics.py", "data_evaluator.py", "verdict/targets.py")]
    files += [path for folder in ("evaluation", "audit") for path in (source / folder).glob("*.py")]

    assert {path.name: sentences_of(path.read_text(encoding="utf-8")) for path in files} == {
        path.name: [] for path in files
    }


@pytest.mark.parametrize("name", PROMISES)
def test_every_test_that_a_promise_names_exists(name: str) -> None:
    named = NAMED_TEST.findall(text(name))

    assert named
    assert [(file, test) for file, test in named if test not in functions_of(file)] == []


@pytest.mark.parametrize("name", PROMISES)
def test_every_promise_names_its_tests(name: str) -> None:
    tables = re.findall(r"^\| promise \| shown by \|\n\|[-|]+\n((?:\|.*\n)+)", text(name), re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]

    assert rows
    assert [row for row in rows if not NAMED_TEST.search(row)] == []


def test_every_dependency_is_pinned_with_hashes() -> None:
    pinned = re.findall(
        r"^([a-z0-9][a-z0-9._-]*)==\S+.*?((?: *\\\n +--hash=sha256:[0-9a-f]{64})*)$",
        text("requirements.lock"),
        re.MULTILINE,
    )
    project = tomllib.loads(text("pyproject.toml"))
    extras = project["project"]["optional-dependencies"]
    tested = [*extras["export"], *extras["tensorboard"]]
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"], *tested]

    assert [name for name, hashes in pinned if not hashes] == []
    assert {re.split(r"[<>=~! ]", name)[0] for name in wanted} <= {name for name, _ in pinned}
    assert len(pinned) == sum(not line.startswith((" ", "#")) for line in text("requirements.lock").splitlines())
    assert "--require-hashes" in text("Makefile")


PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
MOST_BYTES = {"README.md": 80_000, "docs/concepts.md": 60_000}


@pytest.mark.parametrize(("name", "most"), MOST_BYTES.items())
def test_every_picture_of_a_document_exists_is_small_and_is_described(name: str, most: int) -> None:
    shown = PICTURE.findall(text(name))
    files = [(REPOSITORY / name).parent / file for _, file in shown]

    assert shown
    assert all(words for words, _ in shown)
    assert [file.name for file in files if not file.is_file() or file.stat().st_size > most] == []


def test_every_picture_of_the_concepts_is_shown_once_and_drawn_by_the_script() -> None:
    drawn = re.findall(r'"(concept-[\w-]+\.png)":', text("docs/draw_concepts.py"))
    shown = [file for _, file in PICTURE.findall(text("docs/concepts.md"))]

    assert sorted(shown) == sorted(drawn) == sorted(path.name for path in (REPOSITORY / "docs").glob("concept-*.png"))


def test_the_example_pairs_of_the_concepts_are_those_of_the_data_that_ships() -> None:
    pairs = text("data/raw/eval_pairs.jsonl").splitlines()
    rows = re.findall(r"^\| [AB] \| (.+) \| (.+) \| ([01]), \w+ \|$", text("docs/concepts.md"), re.MULTILINE)

    for line, (text_1, text_2, label) in zip((168, 267), rows, strict=True):
        pair = json.loads(pairs[line - 1])
        assert (pair["text_1"], pair["text_2"], str(pair["label"])) == (text_1, text_2, label)


@pytest.mark.parametrize("name", ["README.md", "docs/concepts.md"])
def test_every_document_that_is_named_exists(name: str) -> None:
    named = re.findall(r"`(docs/[\w.-]+)`", text(name))

    assert named
    assert [file for file in named if not (REPOSITORY / file).is_file()] == []
