from __future__ import annotations

import ast
import io
import shutil
import tokenize
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import src
from src.workflow.code_version import code_version, imported_parts, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = Path(src.__file__).parent
MEASURING = (
    "quality_stage",
    "embedding_stage",
    "baseline_analysis",
    "training_stage",
    "post_training_eval",
    "comparison",
)
MODELS = ("embedding_stage", "baseline_analysis", "training_stage", "post_training_eval")
SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.ImportFrom, ast.Import, ast.Raise, ast.Return)
ONE_AT_A_TIME = settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, to be changed at will."""
    return shutil.copytree(PACKAGE, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))


def sources(part: str) -> list[Path]:
    """Files of every part that a stage calls, relative to the package."""
    files = []
    for name in sorted(imported_parts(part)):
        files += sorted((PACKAGE / name).rglob("*.py")) or [PACKAGE / f"{name}.py"]
    return [file.relative_to(PACKAGE) for file in files]


def changes(package: Path, part: str, file: Path, text: str) -> bool:
    """Whether another content of one file changes the version of a part; the file is put back."""
    before, original = version_of(part, package), (package / file).read_text()
    (package / file).write_text(text)
    try:
        return version_of(part, package) != before
    finally:
        (package / file).write_text(original)


@cache
def statements(file: Path) -> list[ast.stmt]:
    """Simple statements of a file that could be left out: no docstring and no `pass`."""
    tree = ast.parse((PACKAGE / file).read_text())
    return [node for node in ast.walk(tree) if isinstance(node, SIMPLE) and not _is_text(node)]


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


@pytest.mark.parametrize("part", MEASURING)
@ONE_AT_A_TIME
@given(data=st.data())
def test_a_change_of_any_line_of_code_that_a_stage_calls_makes_it_stale(
    package: Path, part: str, data: st.DataObject
) -> None:
    file = data.draw(st.sampled_from([f for f in sources(part) if statements(f)]))
    text = (PACKAGE / file).read_text()
    statement = data.draw(st.sampled_from(statements(file)))
    lines = text.splitlines(keepends=True)
    indent = " " * statement.col_offset
    lines[statement.lineno - 1 : statement.end_lineno] = [f"{indent}pass\n"]

    assert changes(package, part, file, "".join(lines))


@pytest.mark.parametrize("part", MEASURING)
@ONE_AT_A_TIME
@given(data=st.data())
def test_a_comment_changes_nothing(package: Path, part: str, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sources(part)))
    text = (PACKAGE / file).read_text()
    ends = [t.start for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == tokenize.NEWLINE]
    lines = text.splitlines()
    if ends:
        row, _ = data.draw(st.sampled_from(ends))
        lines[row - 1] += "  # another comment"

    assert not changes(package, part, file, "\n".join([*lines, "# and one more", ""]))


def other_docstrings(text: str) -> str:
    """The same code with a word more in every docstring."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            node.body[0] = ast.Expr(ast.Constant("Another docstring."))
    return ast.unparse(tree)


@pytest.mark.parametrize(
    "part", [MEASURING[0], *(pytest.param(part, marks=pytest.mark.slow) for part in MEASURING[1:])]
)
def test_other_docstrings_and_another_formatting_change_nothing(package: Path, part: str) -> None:
    for file in sources(part):
        assert not changes(package, part, file, other_docstrings((PACKAGE / file).read_text())), file


def test_the_description_of_a_field_changes_nothing(package: Path) -> None:
    text = (PACKAGE / "models.py").read_text()
    other = text.replace("1 compatible, 0 incompatible", "one or nought")

    assert other != text
    assert not changes(package, "training_stage", Path("models.py"), other)


@pytest.mark.parametrize("part", MODELS)
def test_templates_and_palette_touch_no_model_and_redraw_every_report(package: Path, part: str) -> None:
    for file in [
        Path("charts/palette.py"),
        *(t.relative_to(PACKAGE) for t in (PACKAGE / "report/templates").iterdir()),
    ]:
        text = (PACKAGE / file).read_text() + "\nx = 1\n"
        assert not changes(package, part, file, text), file
        assert changes(package, "report_stage", file, text), file


@pytest.mark.parametrize("part", MEASURING)
@pytest.mark.parametrize("file", ["data_loader.py", "workflow/context.py"])
def test_a_changed_loader_or_run_context_makes_every_stage_that_reads_pairs_stale(
    package: Path, part: str, file: str
) -> None:
    assert changes(package, part, Path(file), (PACKAGE / file).read_text() + "\nx = 1\n")


@pytest.mark.parametrize(
    ("part", "file"),
    [
        ("training_stage", "audit/checks.py"),
        ("training_stage", "evaluation/estimates.py"),
        ("training_stage", "wording/audit.py"),
        ("embedding_stage", "wording/reasons.py"),
        ("embedding_stage", "training/losses.py"),
        ("baseline_analysis", "cli.py"),
        ("baseline_analysis", "commands/options.py"),
        ("baseline_analysis", "charts/palette.py"),
        ("post_training_eval", "verdict/judge.py"),
        ("quality_stage", "training/losses.py"),
    ],
)
def test_code_that_a_stage_does_not_call_changes_nothing(package: Path, part: str, file: str) -> None:
    path = package / file
    path.touch()

    assert not changes(package, part, Path(file), path.read_text() + "\nx = 1\n")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Writes a small package from file names and their text."""

    def write(**files: str) -> Path:
        for name, text in files.items():
            file = tmp_path / "small" / f"{name.replace('__', '/')}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path / "small"

    return write


def test_imports_are_followed_wherever_they_stand_and_by_whole_folders(small: Callable[..., Path]) -> None:
    folder = small(
        front="def f():\n    from .a import one\n",
        a__one="from ..b.two import x\n",
        a__other="",
        b__two="from .. import c\n",
        c="",
        d="",
    )

    assert imported_parts("front", folder).keys() == {"front", "a", "b", "c"}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("if x:\n    a()\nelse:\n    b()\n", "if x:\n    a()\n    b()\n"),
        ("x = 1\n", "x = True\n"),
        ("x = 'a'\n", "x = b'a'\n"),
        ("x = 'None'\n", "x = None\n"),
        ("x = [a, [b]]\n", "x = [[a], b]\n"),
        ("x = a\n", "a = x\n"),
        ("del x\n", "x\n"),
    ],
)
def test_code_of_the_same_words_with_another_meaning_has_another_version(
    small: Callable[..., Path], text: str, other: str
) -> None:
    version = version_of("front", small(front=text))

    assert version_of("front", small(front=other)) != version


def test_the_version_of_a_stage_is_that_of_the_package_that_runs() -> None:
    assert code_version("quality_stage") == version_of("quality_stage", PACKAGE)
