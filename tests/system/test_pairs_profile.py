"""A whole run on labelled pairs that are no dating pairs."""

from __future__ import annotations

import csv
import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from src import pipeline
from src.cli import main
from src.core.errors import DataFileError
from src.core.progress import PatientConsole
from src.data.options import DataOptions
from src.data.profiles import PAIRS
from src.models import SelectOn
from src.report.pages import comparison_page
from src.report.terminal import show_comparison, show_score, show_status
from src.scoring import score_pairs, texts_to_score
from src.tables.shown_pairs import shown_pairs
from src.visualizations import comparison_charts
from tests.support.data_files import records
from tests.support.factories import TRAINED, make_comparison, make_cosines, make_pairs
from tests.support.finished_run import Listener, quick_trainings
from tests.support.report_pages import NAMES, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from src.workflow.context import RunContext

# the keys of the JSON files are the contract with users' scripts; the files of the pages name some of them
FOREIGN = re.compile(
    r"(?i)(?<![a-z_])(?:in)?compatib(?:le|ility)\b(?!_)|\bboys?\b|\bgirls?\b|\bdating\b|\bspeakers?\b"
    r"|\bnatural(?:ly)? phras\w+"
)
KEYS = re.compile(r'"(?:n_compatible|(?:in)?compatible|(?:in)?compatible_mean_cosine|compatibility_margin)"')


LOW_AND_HIGH = (0, 1, 2), (3, 4, 5)


def write_table(path: Path, n: int, salt: str) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question1", "question2", "is_duplicate", "topic"])
        for row in records(n, salt):
            texts = [row[name].partition(": ")[2] for name in ("text_1", "text_2")]
            writer.writerow([*texts, "same" if row["label"] else "other", row["category"]])


@pytest.fixture
def pairs_context(context: RunContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunContext:
    """A run on CSV files of duplicate questions, in an empty root."""
    folder = tmp_path / "questions"
    folder.mkdir()
    for name, n in (("train", 48), ("test", 24)):
        write_table(folder / f"{name}.csv", n, name)
    monkeypatch.setattr(pipeline, "trainings_of_run", lambda seed: quick_trainings(seed)[:1])
    return dataclasses.replace(
        context,
        paths=dataclasses.replace(context.paths, data_dir=folder),
        data=DataOptions(label_map={"same": 1.0, "other": 0.0}),
        reporter=Listener(),
    )


def write_graded(path: Path, n: int, salt: str, grades: tuple[Sequence[float], Sequence[float]] = LOW_AND_HIGH) -> None:
    rows = [
        [*(row[name].partition(": ")[2] for name in ("text_1", "text_2")), grades[row["label"]][i % 3]]
        for i, row in enumerate(records(n, salt))
    ]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["sentence1", "sentence2", "score"], *rows])


def test_a_run_on_graded_pairs_is_judged_by_spearman(pairs_context: RunContext) -> None:
    folder = pairs_context.paths.data_dir
    for name, n in (("train", 60), ("test", 40), ("challenge", 40)):
        write_graded(folder / f"{name}.csv", n, name)
    context = dataclasses.replace(pairs_context, data=DataOptions(label_range=(0.0, 5.0)))

    result = pipeline.run_all(context)

    baseline = result.models[0].evaluation
    page = context.paths.comparison_report.read_text(encoding="utf-8")
    assert " | test=spearman | " in result.verdict.line
    assert baseline.estimates[0].name == "spearman_correlation"
    assert sum(one.n for one in baseline.by_grade) == 40
    assert (baseline.auc_roc, baseline.roc, baseline.operating_point) == (None, None, None)
    assert "--positive-at says from which grade on" in page
    assert "Decisions at the threshold" not in page
    assert "Cosine by grade" in page
    [score] = score_pairs(context, [("long runs", "late parties")], "standard")
    assert (score.threshold, score.compatible) == (None, None)


@pytest.mark.parametrize("select_on", ["test", "validation"])
def test_grades_that_all_lie_above_the_middle_of_their_scale_are_trained_and_judged(
    pairs_context: RunContext, select_on: str
) -> None:
    for name, n in (("train", 60), ("test", 40)):
        write_graded(pairs_context.paths.data_dir / f"{name}.csv", n, name, ((3, 3.5, 3.2), (4, 4.5, 5)))
    context = dataclasses.replace(pairs_context, data=DataOptions(label_range=(0.0, 5.0)))

    result = pipeline.run_all(context, pipeline.recipes_of_run(context, select_on=SelectOn(select_on)))

    assert " | test=spearman | " in result.verdict.line
    assert result.models[1].evaluation.spearman_correlation is not None


@pytest.mark.parametrize(("one", "told"), [("train", "training needs two grades"), ("test", "Spearman, which chooses")])
def test_one_grade_alone_is_refused(pairs_context: RunContext, one: str, told: str) -> None:
    for name in ("train", "test"):
        grades = ((4, 4, 4), (4, 4, 4)) if name == one else LOW_AND_HIGH
        write_graded(pairs_context.paths.data_dir / f"{name}.csv", 40, name, grades)
    context = dataclasses.replace(pairs_context, data=DataOptions(label_range=(0.0, 5.0)))

    with pytest.raises(DataFileError, match=f"{one}.csv: all 40 pairs have the grade 4; {told}"):
        pipeline.run_all(context, pipeline.recipes_of_run(context, select_on=SelectOn.TEST))


def test_the_pairs_of_a_validation_file_choose_checkpoint_and_threshold(pairs_context: RunContext) -> None:
    write_table(pairs_context.paths.data_dir / "dev.csv", 24, "dev")

    result = pipeline.run_all(pairs_context)

    trained, info = result.models[1].evaluation, result.models[1].training
    page = pairs_context.paths.comparison_report.read_text(encoding="utf-8")
    assert info.choice.file.name == "dev.csv"
    assert trained.operating_point.threshold == info.choice.threshold
    assert [one.evaluation.threshold_fitted_on for one in result.models] == ["train", "validation"]
    assert {finding.role for finding in result.audit} == {"train", "eval", "validation"}
    assert "on the 24 pairs of the validation file" in page
    assert "<small>fitted on validation</small>" in page
    assert {path.name for path in pairs_context.paths.root.glob("data/embeddings/*dev*")} == set()
    assert {status.state for status in pipeline.project_status(pairs_context)} == {"fresh"}


def foreign_words(text: str) -> list[str]:
    # the chart library and the texts of the pairs are not ours
    ours = re.sub(r'(?s)<script type="text/plain"[^>]*>.*?</script>', "", text)
    return FOREIGN.findall(KEYS.sub("", ours))


def test_no_word_of_the_dating_pairs_stands_in_a_run_on_other_pairs(
    pairs_context: RunContext, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    context = pairs_context

    result = pipeline.run_all(context)
    [score] = score_pairs(context, texts_to_score(context, "long runs", "late parties", None), "standard")
    show_score(PatientConsole(), score)
    show_comparison(PatientConsole(), result)
    show_status(PatientConsole(), pipeline.project_status(context), "program")
    shown, told = capsys.readouterr()

    assert result.hypotheses == ()
    assert result.models[0].evaluation.by_category == ()
    assert result.eval_data.words.positive == "same"
    written = [path for path in context.paths.root.rglob("*") if path.suffix in (".html", ".json", ".md", ".txt")]
    assert len(written) > 5
    # of a model folder the card alone is ours
    cards = [path for path in written if path.name == "README.md"]
    ours = [path for path in written if ".pipeline" not in path.parts and path.parent.parent.name != "model"] + cards
    assert cards
    assert {path: found for path in ours if (found := foreign_words(path.read_text(encoding="utf-8")))} == {}
    names = "\n".join(str(path.relative_to(context.paths.root)) for path in context.paths.root.rglob("*"))
    said = [*context.reporter.said, shown, told, caplog.text]  # type: ignore[attr-defined]
    assert foreign_words("\n".join([names.replace("_", " "), *said])) == []
    pages = [path for path in ours if path.suffix == ".html" or path.name == "summary.md"]
    assert len(pages) == 3
    assert [text.count("Without --slice-by") for text in [shown, *(text_of(path.read_text()) for path in pages)]] == [
        1
    ] * 4


@pytest.mark.parametrize("name", ["", *main.commands])
def test_the_help_speaks_of_the_dating_pairs_where_it_names_their_profile_alone(name: str) -> None:
    shown = " ".join(CliRunner().invoke(main, [*filter(None, [name]), "--help"]).output.split())

    assert "Usage" in shown
    assert (
        foreign_words(
            shown.replace("[auto|dating|pairs]", "")
            .replace("[default: dating where", "")
            .replace("test for dating pairs", "")
        )
        == []
    )


def test_pages_of_other_pairs_call_labels_and_slices_by_their_names() -> None:
    n = 120
    words = PAIRS.words.model_copy(
        update={"positive": "same", "negative": "other", "category": "topic", "pair_type": "source_name"}
    )
    pairs = dataclasses.replace(
        make_pairs(n, text_1=["a"] * n, text_2=["b"] * n, pair_type=["web", "book"] * (n // 2)), words=words
    )

    page = comparison_page(
        make_comparison(pairs=pairs),
        pairs,
        {name: make_cosines(pairs, name) for name in ("baseline", *TRAINED)},
        names=NAMES,
        seed=42,
    )

    assert foreign_words(page.replace("dating_pairs.jsonl", "")) == []
    assert "Margin and accuracy by topic" in page
    assert "Source name" in page


def test_pages_of_pairs_without_slices_leave_their_charts_out() -> None:
    pairs = dataclasses.replace(make_pairs(text_1=["a"] * 120, text_2=["b"] * 120), words=PAIRS.words)
    result = make_comparison(pairs=pairs)

    names = {chart.name for chart in comparison_charts(result, shown_pairs([result.models[0].evaluation], pairs))}

    assert names.isdisjoint({"margin_heatmap", "false_positives_by_pair_type"})
