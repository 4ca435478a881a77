"""Results as one JSON object."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from src import pipeline
from src.cli import main
from src.commands.output import print_json
from src.models import ComparisonResult, Verdict
from src.storage.files import read_json
from tests.support.factories import make_verdict
from tests.support.finished_run import quick_trainings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from src.workflow.context import RunContext
    from tests.support.real_command import Ended

NO_RESULT = {"init", "recipe"}  # they write YAML
DONE, REFUSED = 0, 3


@pytest.fixture
def finished(finished: RunContext, monkeypatch: pytest.MonkeyPatch) -> RunContext:
    """A finished run whose trainings are the ones that `run` would do."""
    monkeypatch.setattr(pipeline, "trainings_of_run", quick_trainings)
    return finished


def files(context: RunContext, *names: str) -> list[object]:
    """What files below the root hold."""
    return [json.loads((context.paths.root / name).read_text("utf-8")) for name in names]


def test_every_command_with_a_result_takes_json() -> None:
    with_json = {name for name, command in main.commands.items() if any("--json" in p.opts for p in command.params)}

    assert with_json == set(main.commands) - NO_RESULT


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("evaluate-data", "data/evaluation/data_quality_report.json"),
        ("baseline", "eval/baseline_metrics.json"),
        ("compare", "eval/comparison_result.json"),
        ("run", "eval/comparison_result.json"),
    ],
)
def test_json_is_the_file_of_the_result_and_nothing_else(
    run: Callable[..., Ended], finished: RunContext, command: str, file: str
) -> None:
    ended = run(command, "--json")

    assert ended.code == DONE
    assert ended.out == (finished.paths.root / file).read_text("utf-8")
    assert "up to date" in ended.err


def test_json_of_several_results_is_a_list_under_a_name(run: Callable[..., Ended], finished: RunContext) -> None:
    recipe = ["--epochs", "1", "--batch-size", "8", "--learning-rate", "1e-2", "--warmup-steps", "2"]
    shown = [
        json.loads(run("-q", *line, "--json").out)
        for line in (
            ["evaluate"],
            ["evaluate", "--name", "lora"],
            ["train", "--mode", "standard", "--precision", "fp32", *recipe],
            ["status"],
            ["score", "boy: a", "girl: b", "--model", "lora"],
        )
    ]

    metrics = [f"eval/{name}_metrics.json" for name in ("finetuned", "lora", "lora-tuned")]
    assert shown[0] == {"evaluations": files(finished, *metrics)}
    assert shown[1] == {"evaluations": files(finished, metrics[1])}
    assert shown[2] == {"trainings": files(finished, "training/standard_training_info.json")}
    assert {stage["state"] for stage in shown[3]["stages"]} == {"fresh"}
    assert [set(score) for score in shown[4]["scores"]] == [
        {"text_1", "text_2", "cosine", "threshold", "compatible", "model"}
    ]


def test_a_decision_as_json_holds_the_gate_too(run: Callable[..., Ended], finished: RunContext) -> None:
    file = finished.paths.comparison_result

    ended = run("-q", "decide", "--from", file, "--min-gain", "0.5", "--fail-on", "not-ship", "--json")

    assert ended.code == REFUSED
    assert Verdict.model_validate_json(ended.out).decision.min_gain == 0.5
    assert read_json(file, ComparisonResult).verdict.decision.min_gain != 0.5


def test_the_parts_of_a_file_as_json_are_named_and_counted(run: Callable[..., Ended], tmp_path: Path) -> None:
    file, out = tmp_path / "all.csv", tmp_path / "out"
    file.write_text("text_1,text_2,label\n" + "".join(f"a {i},b {i},{i % 2}\n" for i in range(60)))

    parts = json.loads(run("split", file, "--out", out, "--json").out)["parts"]

    assert [part["path"] for part in parts] == [str(out / f"{name}.csv") for name in ("train", "validation", "test")]
    assert sum(part["n"] for part in parts) == 60
    assert parts[0]["by_label"] == {"0": 24, "1": 24}


def test_json_moves_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    verdict = make_verdict(statement="\x1b[2J\x9b2J\u202e")

    print_json(verdict)

    shown = capsys.readouterr().out
    assert all(line.isprintable() for line in shown.splitlines())
    assert Verdict.model_validate_json(shown) == verdict


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_json_is_json_in_every_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding=encoding))
    verdict = make_verdict(statement="né ≥")

    print_json(verdict)

    assert Verdict.model_validate_json(shown.getvalue()) == verdict
    assert ("né ≥".encode() in shown.getvalue()) == (encoding == "utf-8")
