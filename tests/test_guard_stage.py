from __future__ import annotations

import dataclasses
import io
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rich.console import Console
from scipy.stats import spearmanr
from sentence_transformers import SentenceTransformer

from src.comparison import check_rules, comparison_stage
from src.core.errors import UserInputError
from src.data import guards
from src.data.guards import parse_guard
from src.embedding.encoder import encode_texts
from src.embedding.loading import loaded_model
from src.judged_stage import judged_folder
from src.metrics import auc_roc, cosine_similarities
from src.models import GENERAL_ENGLISH, DecisionRules, DecisionTestKind
from src.report.markdown import summary_markdown
from src.report.terminal import show_comparison
from src.report_stage import comparison_report_stage
from src.storage.files import write_bytes
from tests.support.data_files import write_jsonl
from tests.support.finished_run import Listener
from tests.support.judged_run import ADAPTER, CANDIDATE, JUDGED, foreign_folders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from src.models import ComparisonResult, DecisionTest, GuardDifference, PairSet
    from src.workflow.context import RunContext

TOPICS = ("rain", "bread", "violin", "bus", "fox", "tax", "goal", "lamp")
GRADED, OLD = "graded.jsonl", "old.jsonl"


def guard_file(path: Path, n: int, labels: int) -> Path:
    """N pairs of other texts than the run's, with so many different labels."""
    rows = (
        {"text_1": f"the {TOPICS[i % 8]} {i}", "text_2": f"a {TOPICS[(i + i % 3) % 8]} {i}", "label": i % labels}
        for i in range(n)
    )
    return write_jsonl(path, rows)


def with_guards(context: RunContext, *files: Path) -> RunContext:
    return dataclasses.replace(context, guard_files=tuple(parse_guard(str(file)) for file in files))


@pytest.fixture
def guarded(judged: RunContext, tmp_path: Path) -> RunContext:
    """A run that judged three models, with a graded and a binary guard."""
    return with_guards(judged, guard_file(tmp_path / GRADED, 60, 3), guard_file(tmp_path / OLD, 40, 2))


def on_guards(result: ComparisonResult, name: str) -> dict[str, GuardDifference]:
    return {found.slice: found for model in result.models if model.name == name for found in model.guards}


def guard_tests(result: ComparisonResult) -> list[DecisionTest]:
    kinds = (DecisionTestKind.GUARD, DecisionTestKind.GENERAL_ENGLISH)
    return [test for test in result.verdict.decision.tests if test.kind in kinds]


def cosines(context: RunContext, folder: Path | None, pairs: PairSet) -> NDArray[np.float64]:
    """Computed without a stage."""
    with loaded_model(context.base, "cpu", folder, foreign=folder is not None) as model:
        sides = [encode_texts(model, side) for side in (pairs.text_1, pairs.text_2)]
        del model
    return cosine_similarities(np.stack(sides, axis=1))


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that any model has encoded since the test began."""
    texts: list[str] = []
    original = SentenceTransformer.encode

    def encode(self, inputs, *args, **options):
        texts.extend(inputs)
        return original(self, inputs, *args, **options)

    monkeypatch.setattr(SentenceTransformer, "encode", encode)
    return texts


def test_a_guard_is_measured_by_spearman_or_auc_beside_the_reference(guarded: RunContext) -> None:
    found = on_guards(comparison_stage(guarded).ensure(), ADAPTER)

    graded, old = (guard.pairs for guard in guarded.guards)
    folders = (None, foreign_folders(Path(guarded.base_model or ""))[ADAPTER])
    base, ours = (spearmanr(cosines(guarded, folder, graded), graded.grades).statistic for folder in folders)
    assert (found[GRADED].spearman, found[GRADED].other_spearman) == pytest.approx((ours, base), abs=1e-6)
    assert found[GRADED].difference.value == pytest.approx(ours - base, abs=1e-6)
    base, ours = (auc_roc(cosines(guarded, folder, old), old.labels) for folder in folders)
    assert (found[OLD].auc_roc, found[OLD].other_auc_roc) == pytest.approx((ours, base), abs=1e-6)
    assert all(one.difference.low < one.difference.value < one.difference.high for one in found.values())


def test_each_guard_is_a_test_of_the_decision_and_a_row_of_every_report(guarded: RunContext) -> None:
    result = comparison_stage(guarded).ensure()
    comparison_report_stage(guarded).ensure()

    stream = io.StringIO()
    show_comparison(Console(width=200, file=stream), result)
    tests = guard_tests(result)
    assert [(test.kind, test.slice, test.metric, test.limit) for test in tests] == [
        (DecisionTestKind.GUARD, GRADED, "spearman", -0.03),
        (DecisionTestKind.GUARD, OLD, "auc_roc", -0.03),
    ]
    page = guarded.paths.comparison_report.read_text(encoding="utf-8")
    for text in (stream.getvalue(), summary_markdown(result), page):
        assert "Forgetting, compared with the base model" in text
        assert "change on graded.jsonl (Spearman)" in text
        assert "change on old.jsonl (AUC-ROC)" in text
    assert [file.name for file in result.guard_data] == [GRADED, OLD]


def test_one_more_guard_or_a_changed_one_is_embedded_and_nothing_else(
    guarded: RunContext, tmp_path: Path, encoded: list[str]
) -> None:
    first = with_guards(guarded, tmp_path / GRADED)
    comparison_stage(first).ensure()
    assert set(encoded) == set(_texts(first, GRADED))
    encoded.clear()

    comparison_stage(guarded).ensure()

    assert set(encoded) == set(_texts(guarded, OLD))
    encoded.clear()
    guard_file(tmp_path / GRADED, 61, 3)
    again = dataclasses.replace(guarded)
    comparison_stage(again).ensure()
    assert set(encoded) == set(_texts(again, GRADED))
    encoded.clear()
    comparison_stage(again).ensure()
    assert encoded == []


def _texts(context: RunContext, name: str) -> list[str]:
    pairs = next(guard.pairs for guard in context.guards if guard.name == name)
    return [*pairs.text_1, *pairs.text_2]


def test_texts_that_are_english_measure_the_guard_that_ships(
    judged: RunContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "are_english", lambda _: True)
    monkeypatch.setattr("src.core.paths.SHIPPED_DATA", tmp_path)
    guard_file(tmp_path / "guard_pairs.jsonl", 40, 3)

    result = comparison_stage(judged).ensure()

    (test,) = guard_tests(result)
    assert (test.kind, test.slice, test.n) == (DecisionTestKind.GENERAL_ENGLISH, GENERAL_ENGLISH, 40)
    assert on_guards(result, CANDIDATE)[GENERAL_ENGLISH].shipped


def test_texts_of_another_language_are_compared_without_it(judged: RunContext) -> None:
    listener = Listener()
    result = comparison_stage(dataclasses.replace(judged, cluster_by="category", reporter=listener)).ensure()

    assert guard_tests(result) == []
    assert all(model.guards == () for model in result.models)
    assert sum("general English are left out" in said for said in listener.said) == 1


def test_a_model_whose_folder_is_gone_leaves_its_guards_open(guarded: RunContext, tmp_path: Path) -> None:
    folder = judged_folder(guarded, CANDIDATE)
    assert folder is not None
    shutil.copytree(folder, tmp_path / "copy")
    write_bytes(guarded.paths.judged_folder(CANDIDATE), os.fsencode(tmp_path / "gone"))

    result = comparison_stage(guarded).ensure()

    assert [(test.state, test.reason) for test in guard_tests(result)] == [("open", "not estimable")] * 2
    assert "| graded.jsonl (60 pairs) |" in summary_markdown(result)


@pytest.mark.parametrize("name", [OLD, "category=x"])
def test_a_slice_that_must_hold_is_a_guard_too(guarded: RunContext, name: str) -> None:
    ruled = dataclasses.replace(guarded, rules=DecisionRules(candidate=CANDIDATE, must_hold=(name,)))

    if name == OLD:
        check_rules(ruled, JUDGED)
    else:
        with pytest.raises(UserInputError, match="--must-hold category=x: no such slice"):
            check_rules(ruled, JUDGED)
