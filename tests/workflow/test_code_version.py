from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from src.baseline_analysis import baseline_inputs
from src.post_training_eval import evaluation_inputs
from src.workflow import code_version as module
from src.workflow.code_version import NOT_FOLLOWED, code_digest
from tests.support.factories import make_evaluation, make_training

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.workflow.context import RunContext


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package's source, to be changed at will; digests are made of it."""
    folder = tmp_path / "src"
    shutil.copytree(Path(module.__file__).parent, folder)
    monkeypatch.setattr(module, "__file__", str(folder / "code_digest.py"))
    code_digest.cache_clear()
    yield folder
    code_digest.cache_clear()


@pytest.fixture
def changes(copy: Path) -> Callable[[str, str], bool]:
    """Whether a change of one file makes the results of a module stale."""

    def changed(root: str, file: str) -> bool:
        code_digest.cache_clear()
        before = code_digest(root)
        path = copy / file
        path.write_text(path.read_text() + "\n# changed\n")
        code_digest.cache_clear()
        return code_digest(root) != before

    return changed


@pytest.mark.parametrize(
    ("root", "file"),
    [
        ("evaluation", "evaluation.py"),
        ("evaluation", "metrics.py"),
        ("evaluation", "intervals.py"),
        ("evaluation", "split_overlap.py"),
        ("baseline_analysis", "static_charts.py"),
        ("report", "templates/page.html.j2"),
        ("report", "score_tables.py"),
        ("visualizations", "map_figures.py"),
        ("lora_trainer", "trainer.py"),
        ("trainer", "intervals.py"),
    ],
)
def test_a_change_in_anything_that_a_result_uses_makes_it_stale(
    changes: Callable[[str, str], bool], root: str, file: str
) -> None:
    assert changes(root, file)


@pytest.mark.parametrize(("root", "file"), [("trainer", "report.py"), ("evaluation", "cli.py")])
def test_a_change_elsewhere_does_not(changes: Callable[[str, str], bool], root: str, file: str) -> None:
    assert not changes(root, file)


@pytest.mark.parametrize("file", ["embedding_cache.py", "encoding.py", "embeddings.py"])
def test_a_change_in_how_texts_are_embedded_makes_the_results_of_every_model_stale(
    copy: Path, context: RunContext, file: str
) -> None:
    def inputs() -> tuple[dict[str, str], ...]:
        code_digest.cache_clear()
        evaluated = evaluation_inputs(context, make_training(), make_evaluation())
        return baseline_inputs(context), evaluated

    before = inputs()
    (copy / file).write_text((copy / file).read_text() + "\n# changed\n")

    for old, new in zip(before, inputs(), strict=True):
        assert [name for name in old if old[name] != new[name]] == ["code"]


def test_every_module_that_is_not_followed_exists() -> None:
    assert not [name for name in NOT_FOLLOWED if not (Path(module.__file__).parent / f"{name}.py").is_file()]
