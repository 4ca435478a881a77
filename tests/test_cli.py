from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Never

import pytest
import yaml
from click.testing import CliRunner

from src import pipeline
from src.cli import entry, main
from src.commands.decisions import gate as decided
from src.commands.evaluate_data import _below
from src.comparison import comparison_stage
from src.core.errors import GateError
from src.core.formatting import display_name
from src.core.paths import ProjectPaths
from src.models import DecisionRules, Outcome, TrainingInfo
from src.storage.files import write_json
from src.workflow.stage import read_record, write_record
from tests.support.data_files import record, records, write_data, write_jsonl
from tests.support.finished_run import quick_trainings
from tests.support.judged_run import WIDE, foreign_folders
from tests.support.real_command import Ended, shared_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.models import ComparisonResult
    from src.workflow.context import RunContext

REPOSITORY = Path(__file__).parents[1]
COMMANDS = [
    "evaluate-data",
    "baseline",
    "train",
    "curve",
    "evaluate",
    "compare",
    "run",
    "decide",
    "status",
    "score",
    "export",
    "recipe",
    "split",
    "init",
    "search",
]
NO_MEMORY = "out of memory; close other programs or use less data, and with `train` a smaller --batch-size"
PAIR = ("boy: i love tea", "girl: no tea for me")
# what was written and not taken is tried again at exit, as for every user
BUFFERED = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": ""}
DONE, FAILED, WRONG, REFUSED, INTERRUPTED = 0, 1, 2, 3, 130


@pytest.fixture
def finished(finished: RunContext, monkeypatch: pytest.MonkeyPatch) -> RunContext:
    """A finished run whose trainings are the ones that `run` would do."""
    monkeypatch.setattr(pipeline, "trainings_of_run", quick_trainings)
    return finished


def program(context: RunContext) -> str:
    """How the commands begin that a message tells to run."""
    return shlex.join(["python", "-m", "src.cli", *shared_options(context)])


def process(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A Python process of its own, in a folder that is not the repository."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1


# --- what is imported -----------------------------------------------------------------------------------


def modules_after(folder: Path, *command_lines: list[str]) -> tuple[set[str], str]:
    """Which of the heavy packages some commands import, and what they print."""
    code = f"""
import sys
from src.cli import entry
for line in {list(command_lines)!r}:
    sys.argv[1:] = line
    try:
        entry()
    except SystemExit as ended:
        assert not ended.code, ended.code
print(*sys.modules, file=sys.stderr)
"""
    ended = process(["-c", code], folder)
    assert ended.returncode == DONE, ended.stderr
    heavy = {"torch", "transformers", "sentence_transformers", "umap", "numpy", "sklearn", "matplotlib", "plotly"}
    return heavy & set(ended.stderr.splitlines()[-1].split()), ended.stdout


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_answers_without_any_heavy_package(tmp_path: Path, command: str | None) -> None:
    heavy, out = modules_after(tmp_path, [*filter(None, [command]), "--help"])

    assert heavy == set()
    assert out.startswith("Usage: python -m src.cli")
    assert "\\b" not in out


def test_evaluating_data_and_comparing_need_no_torch(finished: RunContext, tmp_path: Path) -> None:
    for stage in ("evaluate-data", "compare"):
        finished.paths.stage_record(stage).unlink()
    shared = ["--root", str(finished.paths.root), "--data-dir", str(finished.paths.data_dir)]
    shared += ["--base-model", str(finished.base_model), "-q"]

    heavy, out = modules_after(tmp_path, [*shared, "evaluate-data"], [*shared, "compare"])

    assert not heavy & {"torch", "transformers", "sentence_transformers", "umap"}
    assert "of 100 (target 60)" in out
    assert "Scores on 24 eval pairs" in out


# --- the real program -----------------------------------------------------------------------------------


def test_the_program_runs_from_any_folder_and_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    ended = process(["-m", "src.cli", "bake"], tmp_path)

    assert ended.returncode == WRONG
    assert ended.stdout == ""
    assert "No such command 'bake'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_gate_in_the_real_program_exits_with_three_and_results_go_to_stdout_alone(tmp_path: Path) -> None:
    write_data(tmp_path / "data" / "raw")

    ended = process(["-m", "src.cli", "-q", "evaluate-data", "--fail-under", "100"], tmp_path)

    assert ended.returncode == REFUSED
    assert "of 100 (target 60)" in ended.stdout
    assert one_line(ended.stderr)
    assert ended.stderr.startswith("Error: there is no overall score, and --fail-under 100 wants one: too few pairs")
    assert (tmp_path / "data" / "evaluation" / "data_quality_report.json").is_file()


@pytest.mark.parametrize("arguments", [["--help"], ["status"], ["bake", "--help"]])
def test_a_reader_that_has_left_is_no_error(tmp_path: Path, arguments: list[str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "src.cli", *arguments],
        cwd=tmp_path,
        env=BUFFERED,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        errors = program.stderr.read()

    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors
    assert program.returncode == (WRONG if arguments[0] == "bake" else DONE)


@pytest.mark.parametrize(("both", "options"), [(False, ["--json"]), (True, [])])
def test_a_gate_says_no_also_when_the_reader_has_left(tmp_path: Path, both: bool, options: list[str]) -> None:
    write_data(tmp_path / "data" / "raw")
    command = ("evaluate-data", "--fail-under", "100", *options)
    with subprocess.Popen(
        [sys.executable, "-m", "src.cli", *command],
        cwd=tmp_path,
        env=BUFFERED,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if both else subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        program.stdout.close()
        errors = program.stderr.read() if program.stderr is not None else ""

    assert program.returncode == REFUSED
    assert "Traceback" not in errors
    assert both or "--fail-under 100" in errors
    assert (tmp_path / "data" / "evaluation" / "data_quality_report.json").is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["evaluate-data"], ["status"]])
def test_a_stdout_that_is_full_is_told_in_one_line(tmp_path: Path, arguments: list[str]) -> None:
    write_data(tmp_path / "data" / "raw")
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "src.cli", "-q", *arguments],
            cwd=tmp_path,
            env=BUFFERED,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert ended.returncode == FAILED
    assert one_line(ended.stderr), ended.stderr
    assert ended.stderr.startswith("Error: standard output or a file: cannot be used: No space left on device; ")


# --- exit codes and errors ------------------------------------------------------------------------------


def test_these_are_all_the_commands() -> None:
    assert sorted(main.commands) == sorted(COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["compare"], "train --mode standard"),
        (["evaluate"], "train --mode standard"),
        (["evaluate", "--mode", "lora"], "train --mode lora"),
        (["evaluate", "--name", "mine"], "train --mode standard"),
        (["evaluate", "--name", "lora-tuned"], "run"),
        (["score", *PAIR, "--model", "finetuned"], "train --mode standard"),
        (["score", *PAIR], "train --mode standard"),
        (["score", *PAIR, "--model", "baseline"], "baseline"),
        (["export", "--format", "merged", "--output", "no-such"], "train --mode standard"),
    ],
)
def test_a_command_out_of_order_names_the_one_that_is_missing(
    run: Callable[..., Ended], context: RunContext, arguments: list[str], missing: str
) -> None:
    code, out, err = run(*arguments)

    assert (code, out) == (WRONG, "")
    assert err.startswith("Error: ")
    assert err.endswith(f"; run `{program(context)} {missing}` first\n")
    assert one_line(err)


def test_a_command_to_run_next_repeats_what_was_said_of_the_data(run: Callable[..., Ended], tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    for name in ("train", "test"):
        rows = "".join(f"{name} text {i}\tother text {i}\t{i % 2}\tx\n" for i in range(8))
        (folder / f"{name}.txt").write_text(rows)
    said = ["--data-dir", str(folder), "--columns", "text_1=1,text_2=2,label=3", "--slice-by", "4", "--no-header"]

    code, out, err = run(*said, "score", "a", "b")

    assert (code, out) == (WRONG, "")
    assert all(shlex.join(part) in err for part in (said[:2], said[2:4], said[4:6], said[6:]))


@pytest.mark.parametrize(
    ("stage", "arguments", "missing"),
    [
        ("baseline", ["evaluate", "--mode", "standard"], "baseline"),
        ("evaluate-lora", ["compare"], "evaluate --name lora"),
        ("evaluate-standard", ["score", *PAIR], "evaluate --name standard"),
    ],
)
def test_a_stage_left_out_in_the_middle_is_named(
    run: Callable[..., Ended], finished: RunContext, stage: str, arguments: list[str], missing: str
) -> None:
    finished.paths.stage_record(stage).unlink()

    code, out, err = run(*arguments)

    assert (code, out) == (WRONG, "")
    assert err == f"Error: {stage} has not been run; run `{program(finished)} {missing}` first\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bake"], "No such command 'bake'"),
        (["status", "--loud"], "No such option"),
        (["train"], "Missing option '--mode'"),
        (["train", "--mode", "quantum"], "'quantum' is not one of 'standard', 'lora'"),
        (["evaluate-data", "--fail-under", "101"], "101.0 is not in the range 0<=x<=100"),
        (["--seed", "-1", "status"], "-1 is not in the range"),
        (["--device", "tpu", "status"], "'tpu' is not one of"),
        (["train", "--mode", "lora", "--epochs", "0"], "--epochs is 0; it should be greater than or equal to 1"),
        (["train", "--mode", "lora", "--dropout", "1"], "--dropout is 1.0; it should be less than 1"),
        (["train", "--mode", "standard", "--rank", "4"], "--rank belongs to --mode lora"),
        (["train", "--mode", "lora", "--name", "../x"], "--name is '../x'; lower-case letters"),
        (["train", "--mode", "lora", "--name", "baseline"], "--name baseline: taken by the pipeline itself"),
        (["evaluate", "--mode", "all", "--name", "lora"], "give --mode or --name, not both"),
        (["score", "boy: hi"], "two texts are needed"),
        (["score", "hi", "girl: hi"], "TEXT_1 is 'hi'; it must start with 'boy:' or 'girl:'"),
        (["--columns", "question1=text_1", "status"], "the other way round, text_1=question1?"),
        (["--label-map", "a=b", "status"], "neither a number nor 'drop'"),
        (["--profile", "dating", "--no-header", "status"], "fixed in the dating profile"),
        (["--base-model", "no/such", "baseline"], "--base-model no/such: no such folder; a name from the Hub needs"),
    ],
)
def test_what_the_user_gave_wrong_is_told_without_a_traceback(
    run: Callable[..., Ended], context: RunContext, arguments: list[str], message: str
) -> None:
    code, out, err = run(*arguments)

    assert (code, out) == (WRONG, "")
    assert err.splitlines()[-1].startswith(("Error: ", "\t"))
    assert message in err
    assert "Traceback" not in err
    assert {path.name for path in context.paths.root.rglob("*")} <= {".pipeline", "lock"}


@pytest.mark.parametrize("options", [["--seed", "3"], ["--seed=3"], ["--seed", "3", "-q"]])
def test_a_shared_option_may_stand_before_or_behind_the_command(run: Callable[..., Ended], options: list[str]) -> None:
    assert run("status", *options) == run(*options, "status")


def test_a_shared_option_behind_the_command_replaces_the_one_before_it(run: Callable[..., Ended]) -> None:
    assert run("--seed", "5", "status", "--seed", "3") == run("--seed", "3", "status")


def test_the_command_to_run_next_repeats_a_shared_option_from_behind_the_command(run: Callable[..., Ended]) -> None:
    _, _, err = run("compare", "--seed", "3")

    assert "--seed 3 baseline`" in err


# --- before a run ---------------------------------------------------------------------------------------


def test_one_file_is_divided_into_parts_that_a_run_reads(run: Callable[..., Ended], tmp_path: Path) -> None:
    file, out = write_jsonl(tmp_path / "all.jsonl", records(120, "a")), tmp_path / "out"

    code, shown, told = run("split", file, "--out", out, "--shares", "60,20,20")

    assert (code, told) == (DONE, f"Read them with --data-dir {out}\n")
    assert "train.jsonl" in shown
    assert run("--train-file", file, "split", "--out", out).err.startswith(f"Error: {out / 'train.jsonl'}: is there al")
    assert run("evaluate-data", "--data-dir", out).code == DONE


@pytest.mark.parametrize(
    ("ending", "labels", "asked"),
    [("csv", ("same", "other"), False), ("jsonl", ("a", "b"), True)],
)
def test_the_recipe_that_init_writes_is_one_that_evaluate_data_runs(
    context: RunContext, monkeypatch: pytest.MonkeyPatch, ending: str, labels: tuple[str, ...], asked: bool
) -> None:
    folder = context.paths.data_dir / "mine"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr("src.commands.init._is_terminal", lambda _: asked)
    for name in ("train", "test"):
        rows = [(f"{name} one {i}", f"{name} two {i}", labels[i % len(labels)]) for i in range(12)]
        lines = {
            "csv": ["sentence1,sentence2,label", *map(",".join, rows)],
            "jsonl": [json.dumps(dict(zip(("sentence1", "sentence2", "label"), row, strict=True))) for row in rows],
        }
        (folder / f"{name}.{ending}").write_text("\n".join(lines[ending]))

    written = CliRunner().invoke(main, ["init"], input="\n\nb=1\nb=1,a=0\n" if asked else "")
    line = ["evaluate-data", "--config", "recipe.yaml", "--base-model", str(context.base_model)]
    evaluated = CliRunner().invoke(main, line)

    assert (written.exit_code, evaluated.exit_code) == (DONE, DONE), written.output + evaluated.output
    assert (written.stderr.count("?"), written.stderr.count("Error: ")) == ((4, 1) if asked else (0, 0))
    assert written.stderr.splitlines()[-1].startswith("recipe.yaml: read it, then run ")
    assert (folder / "recipe.yaml").read_text().startswith("# Recipe: ")


def test_init_replaces_a_recipe_with_force_alone_and_leaves_one_where_it_fails(
    run: Callable[..., Ended], recipe: Callable[[str], Path], context: RunContext
) -> None:
    file = recipe("seed: 1")

    refused, failed = run("init", "--out", file), run("init", "--out", file, "--force", "--data-dir", file.parent)

    assert (refused.code, refused.err) == (
        WRONG,
        f"Error: {file}: is there already; --force replaces it, or choose another --out\n",
    )
    assert failed.code == WRONG
    assert file.read_text() == "seed: 1"
    assert run("init", "--out", file, "--force").code == DONE
    assert f"data_dir: {context.paths.data_dir}\n" in file.read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["split", "--out", "x"], "Error: split: name the file to divide, as in `split pairs.csv --out DIR`\n"),
        (["split", "a.csv", "--out", "x"], "Error: a.csv: no such file; name the file of labelled pairs\n"),
        (["split", "a.csv", "--out", "x", "--shares", "9"], "Error: --shares 9: three numbers that sum to 100 are"),
        (["split", "a.csv"], "Error: Missing option '--out'.\n"),
        (["curve", "--mode", "lora", "--shares", "10,0"], "Error: --shares 10,0: '0' is no share; give percents"),
    ],
)
def test_what_cannot_be_divided_is_told(run: Callable[..., Ended], arguments: list[str], message: str) -> None:
    code, out, err = run(*arguments)

    assert (code, out) == (WRONG, "")
    assert message in err


# --- the recipe -----------------------------------------------------------------------------------------


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a recipe file."""

    def write(text: str) -> Path:
        file = tmp_path / "recipe.yaml"
        file.write_text(text)
        return file

    return write


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize(("options", "seed"), [("", 3), ("--set seed=4", 4), ("--seed 5 --set seed=4", 5)])
def test_a_flag_wins_over_a_setting_and_a_setting_over_the_file(
    run: Callable[..., Ended], recipe: Callable[[str], Path], options: str, seed: int, behind: bool
) -> None:
    given = ["--config", recipe("seed: 3"), *options.split()]

    shown = run("recipe", "show", *given) if behind else run(*given, "recipe", "show")

    assert (shown.code, shown.err) == (DONE, "")
    assert f"\nseed: {seed}\n" in shown.out


def test_an_empty_prompt_is_given_and_one_that_is_left_out_is_not(run: Callable[..., Ended]) -> None:
    shown = yaml.safe_load(run("recipe", "show", "--prompt-1", "").out)

    assert (shown["prompt_1"], shown["prompt_2"]) == ("", None)


def test_what_recipe_show_prints_leaves_every_stage_up_to_date(
    run: Callable[..., Ended], finished: RunContext, recipe: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = recipe(run("recipe", "show").out)
    monkeypatch.setattr("tests.test_cli.shared_options", lambda context: ["--root", str(context.paths.root)])

    ended = run("--config", file, "status")

    assert (ended.code, ended.err) == (DONE, "")
    assert {line.split()[1] for line in ended.out.splitlines()} == {"fresh"}
    assert "stale  changed since: seed" in run("--config", file, "--set", "seed=7", "status").out
    assert finished.paths.root.exists()


def test_a_recipe_gives_what_a_command_needs_and_a_message_repeats_the_recipe(
    run: Callable[..., Ended], recipe: Callable[[str], Path]
) -> None:
    file = recipe("training: {mode: lora, name: mine, epochs: 0}")
    allowed = recipe("training: {mode: standard, rank: 3}")

    assert run("train").err.endswith("Error: Missing option '--mode'. Choose from:\n\tstandard,\n\tlora\n")
    assert run("train", "--config", allowed).err.startswith("Error: --rank belongs to --mode lora")
    assert f"--config {file} " in run("compare", "--config", file).err


def test_the_training_of_a_recipe_is_for_train_alone(
    run: Callable[..., Ended], finished: RunContext, recipe: Callable[[str], Path]
) -> None:
    file = recipe("training: {mode: lora, name: mine, epochs: 1}\ncomparison: {fail_on: never}")
    assert finished.paths.root.exists()

    assert "standard: slices" in run("evaluate", "--config", file).out
    ended = run("run", "--config", file)

    assert ended.code == DONE
    assert "epochs, mode, name of the recipe: for `train` alone; `run` trains its own three\n" in ended.err


def test_a_faulty_recipe_is_told_by_every_command_but_not_by_its_help(
    run: Callable[..., Ended], recipe: Callable[[str], Path]
) -> None:
    file = recipe("sed: 3")

    assert run("status", "--config", file) == (WRONG, "", f"Error: {file}: sed: no such key; seed is meant?\n")
    assert run("status", "--config", file, "--help").code == DONE


def test_the_rules_of_a_recipe_reach_the_decision(
    run: Callable[..., Ended], finished: RunContext, recipe: Callable[[str], Path]
) -> None:
    file = recipe("comparison: {candidate: lora-tuned, min_gain: 0.1, must_hold: [category=values]}")

    out = run("decide", "--from", finished.paths.comparison_result, "--config", file).out

    assert out.startswith("CANNOT TELL: lora-tuned leaves ")
    assert "at least +0.100" in out
    assert "category=values" in out


def test_the_help_says_of_every_command_a_whole_sentence(run: Callable[..., Ended]) -> None:
    listed = run("--help").out.partition("Commands:\n")[2].splitlines()

    assert len(listed) == len(COMMANDS)
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


def test_the_help_of_a_command_says_that_it_takes_the_shared_options(run: Callable[..., Ended]) -> None:
    code, out, _ = run("status", "--help")

    assert code == DONE
    assert "--root" in out.splitlines()[-1] + out.splitlines()[-2]


def test_a_faulty_data_file_is_told_with_every_faulty_line(run: Callable[..., Ended], context: RunContext) -> None:
    file = context.paths.eval_pairs
    write_jsonl(file, [record(), record(label=2), record(), record(text_1="tea")])

    code, out, err = run("evaluate-data")

    assert (code, out) == (WRONG, "")
    assert err.splitlines() == [
        f"Error: {file}:2: label is 2; the integer 0 or 1 is expected",
        f"{file}:4: text_1 is 'tea'; it must start with 'boy:' or 'girl:'",
    ]


def test_a_missing_data_folder_is_told(run: Callable[..., Ended], tmp_path: Path) -> None:
    code, _, err = run("--data-dir", tmp_path / "nowhere", "evaluate-data")

    assert code == WRONG
    assert one_line(err)
    assert "dating_pairs.jsonl: no such file; --data-dir names the folder with the data" in err


def test_a_damaged_artifact_exits_with_one(run: Callable[..., Ended], finished: RunContext) -> None:
    finished.paths.metrics("lora").write_text("{}")

    code, out, err = run("compare")

    assert (code, out) == (FAILED, "")
    assert one_line(err)
    assert "lora_metrics.json has 2 bytes" in err


def test_a_root_that_cannot_be_written_exits_with_one(run: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    code, _, err = run("-q", "--root", tmp_path / "file" / "root", "evaluate-data")

    assert code == FAILED
    assert one_line(err)
    assert "cannot be" in err


def test_too_little_memory_exits_with_one(run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Never:
        raise MemoryError

    monkeypatch.setattr("src.quality_stage.quality_inputs", fail)

    assert run("evaluate-data") == (FAILED, "", f"Error: {NO_MEMORY}\n")


def test_an_interrupt_exits_with_130(run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("src.quality_stage.quality_inputs", lambda *_: signal.raise_signal(signal.SIGINT))

    code, out, err = run("evaluate-data")

    assert (code, out) == (INTERRUPTED, "")
    assert err == "Interrupted.\n"


@pytest.mark.parametrize(("limit", "code"), [("0", DONE), ("100", REFUSED)])
def test_fail_under_decides_the_exit_code_and_not_the_results(
    run: Callable[..., Ended], context: RunContext, limit: str, code: int
) -> None:
    write_jsonl(context.paths.train_pairs, records(100, "t"))
    outcome = run("evaluate-data", "--fail-under", limit)

    assert outcome.code == code
    assert "of 100 (target 60)" in outcome.out
    assert ("is below --fail-under" in outcome.err) == (code == REFUSED)
    assert context.paths.quality_report.is_file()


def test_a_file_too_small_to_score_passes_no_gate(run: Callable[..., Outcome]) -> None:
    outcome = run("evaluate-data", "--fail-under", "0")

    assert outcome.code == REFUSED
    assert "Overall n/a of 100 (target 60): too few pairs to score: 48, 100 needed" in " ".join(outcome.out.split())
    assert outcome.err.splitlines()[-1] == (
        "Error: there is no overall score, and --fail-under 0 wants one: too few pairs to score: 48, 100 needed; give "
        "more data, or no limit"
    )


@pytest.mark.parametrize(
    ("score", "limit", "message"),
    [
        (89.08720012151423, 95.5, "the overall score 89.1 is below --fail-under 95.5; "),
        (89.08720012151423, 89.1, "the overall score 89.09 is below --fail-under 89.1; "),
        (89.99999999999999, 90.0, "the overall score 89.99999999999999 is below --fail-under 90; "),
        (0.0, 1e-7, "the overall score 0.0 is below --fail-under 1e-07; "),
        (None, 0.0, "there is no overall score, and --fail-under 0 wants one: the results say why; "),
    ],
)
def test_a_score_that_is_too_low_is_told_rounded_but_never_as_the_limit(
    score: float | None, limit: float, message: str
) -> None:
    assert _below(score, limit, "").startswith(message)


# --- the decision ---------------------------------------------------------------------------------------

STOPPED = {
    Outcome.SHIP: (),
    Outcome.CANNOT_TELL: ("not-ship",),
    Outcome.DO_NOT_SHIP: ("not-ship", "do-not-ship"),
    Outcome.INVALID: ("not-ship", "do-not-ship", "invalid"),
}


def decide_as(context: RunContext, outcome: Outcome) -> str:
    """Write a comparison that has another outcome, and its record; its line is returned."""
    result = comparison_stage(context).ensure()
    line = f"VERDICT: {outcome} | findings=none"
    decision = result.verdict.decision.model_copy(update={"outcome": outcome})
    verdict = result.verdict.model_copy(update={"decision": decision, "line": line})
    rewrite(context, result.model_copy(update={"verdict": verdict}))
    return line


def rewrite(context: RunContext, result: ComparisonResult) -> None:
    write_json(context.paths.comparison_result, result)
    known = read_record(context.paths, "compare")
    files = [context.paths.root / output.path for output in known.provenance.outputs]
    write_record(context.paths, "compare", known.inputs, files, 0.0)


@pytest.mark.parametrize(
    ("command", "outcome", "code"),
    [(("compare",), Outcome.INVALID, REFUSED), (("run", "--fail-on", "never"), Outcome.DO_NOT_SHIP, DONE)],
)
def test_the_decision_is_the_last_line_also_when_nothing_had_to_be_done_and_its_gate_the_exit_code(
    run: Callable[..., Ended], finished: RunContext, command: tuple[str, ...], outcome: Outcome, code: int
) -> None:
    line = decide_as(finished, outcome)

    ended = run("-q", *command)

    assert ended.out.splitlines()[-1] == line
    assert ended.code == code
    message = f"Error: the decision is {outcome}, and --fail-on invalid ends with 3; the results say why\n"
    assert ended.err == (message if code else "")


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("gate", ["invalid", "do-not-ship", "not-ship", "never"])
def test_a_gate_stops_at_its_outcome_and_at_worse_ones(outcome: Outcome, gate: str) -> None:
    stopped = pytest.raises(GateError, match=f"^the decision is {outcome}, and --fail-on {gate} ends with 3; ")

    with stopped if gate in STOPPED[outcome] else contextlib.nullcontext():
        decided(outcome, gate)


def test_the_options_of_the_decision_reach_it(run: Callable[..., Ended], finished: RunContext) -> None:
    options = "--candidate lora-tuned --min-gain 0.1 --max-loss 0.2 --must-hold category=values"
    file = finished.paths.comparison_result

    out = run("decide", "--from", file, *options.split(), "--must-hold", "category=interests").out

    assert out.startswith("CANNOT TELL: lora-tuned leaves ")
    shown = [text in out for text in ("at least +0.100", "at least -0.200", "category=values", "category=interests")]
    assert shown == [True] * 4


@pytest.mark.parametrize("command", ["compare", "run"])
def test_a_slice_that_is_not_there_is_refused_before_anything_is_measured(
    run: Callable[..., Ended], finished: RunContext, command: str
) -> None:
    assert finished.paths.root.exists()

    code, out, err = run("-q", command, "--must-hold", "category=x")

    assert (code, out) == (WRONG, "")
    assert err.startswith("Error: --must-hold category=x: no such slice; there is category=interests, ")


def test_run_refuses_a_candidate_that_it_will_not_train_before_it_does_anything(
    run: Callable[..., Ended], context: RunContext
) -> None:
    code, out, err = run("-q", "run", "--candidate", "mine")

    assert (code, out) == (WRONG, "")
    assert err == "Error: --candidate mine: no such model; there is standard, lora, lora-tuned\n"
    assert not list(context.paths.root.glob("data/*"))


def test_the_help_names_the_limits_that_the_decision_begins_with(run: Callable[..., Ended]) -> None:
    rules, shown = DecisionRules(), " ".join(run("compare", "--help").out.split())

    assert f"Least gain of AUC, with grades of Spearman, over the reference. [default: {rules.min_gain}]" in shown
    assert f"Largest loss of AUC of a guard. [default: {rules.max_loss}]" in shown


def test_a_decision_is_made_again_from_the_file_alone(
    run: Callable[..., Ended], finished: RunContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = run("-q", "compare").out.splitlines()
    file = tmp_path / "elsewhere.json"
    finished.paths.comparison_result.rename(file)
    shutil.rmtree(finished.paths.root)
    monkeypatch.delattr("src.comparison.compare")

    code, out, err = run("-q", "decide", "--from", file)

    again = out.splitlines()
    assert (code, err) == (DONE, "")
    assert again[-1] == compared[-1]
    assert again[:-1] == compared[: len(again) - 1]
    assert not finished.paths.root.exists()


def test_a_decision_is_made_again_by_other_rules(run: Callable[..., Ended], finished: RunContext) -> None:
    file = finished.paths.comparison_result
    before = file.read_bytes()

    other = run("-q", "decide", "--from", file, "--candidate", "lora", "--min-gain", "0.5", "--fail-on", "not-ship")

    assert other.code == REFUSED
    assert other.out.splitlines()[0].startswith("CANNOT TELL: lora leaves ")
    assert other.out.splitlines()[-1].startswith("VERDICT: CANNOT TELL | ")
    assert "at least +0.500" in other.out
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("spoil", "options", "message"),
    [
        (lambda path: path.unlink(), (), ": missing; give a comparison_result.json"),
        (lambda path: path.write_text("{"), (), "Invalid JSON: EOF while parsing"),
        (lambda path: path.write_text('{"models": []}'), (), "(verdict: Field required"),
        (lambda path: path.write_bytes(b"\xff\x00"), (), "Invalid JSON: "),
        (
            lambda _: None,
            ("--candidate", "x\x1b"),
            "--candidate x\\x1b: no such model; there is standard, lora, lora",
        ),
        (lambda _: None, ("--must-hold", "values"), "--must-hold values: no such slice; there is category="),
    ],
)
def test_what_is_wrong_with_the_file_or_the_rules_is_told_in_one_line(
    run: Callable[..., Ended],
    finished: RunContext,
    spoil: Callable[[Path], object],
    options: tuple[str, ...],
    message: str,
) -> None:
    spoil(finished.paths.comparison_result)

    code, out, err = run("-q", "decide", "--from", finished.paths.comparison_result, *options)

    assert (code, out) == (WRONG, "")
    assert one_line(err)
    assert message in err


@pytest.mark.parametrize(
    ("guard", "message"),
    [
        ("none.csv", "none.csv: no such file; --guard names the file"),
        ("old.csv:text_1=a", "old.csv: no such file; --guard names the file"),
        ("old.csv:x=1", "--guard old.csv:x=1: after the colon stand columns, or two labels"),
    ],
)
def test_a_guard_that_cannot_be_read_is_told_in_one_line_before_anything_is_made(
    run: Callable[..., Ended], context: RunContext, guard: str, message: str
) -> None:
    code, out, err = run("-q", "run", "--guard", guard)

    assert (code, out) == (WRONG, "")
    assert one_line(err)
    assert message in err
    assert not context.paths.quality_report.exists()


@pytest.mark.parametrize("command", [("compare",), ("run",), ("score", "boy: a", "girl: b")])
@pytest.mark.parametrize("option", ["--cost-fp", "--cost-fn"])
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e10"])
def test_a_cost_is_a_positive_number(
    run: Callable[..., Ended], command: tuple[str, ...], option: str, value: str
) -> None:
    code, out, err = run(*command, option, value)

    assert (code, out) == (WRONG, "")
    assert f"Invalid value for '{option}'" in err


@pytest.mark.parametrize("command", [("compare",), ("run",), ("score", "boy: a", "girl: b")])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("0", "--base-rate 0 is no share above 0 and below 1"),
        ("1", "--base-rate 1 is no share above 0 and below 1; 1 % is --base-rate 0.01"),
        ("5", "--base-rate 5 is no share above 0 and below 1; 5 % is --base-rate 0.05"),
        ("-0.1", "--base-rate -0.1 is no share above 0 and below 1"),
        ("nan", "Invalid value for '--base-rate'"),
    ],
)
def test_a_base_rate_is_a_share_and_a_percentage_is_told_as_one(
    run: Callable[..., Ended], command: tuple[str, ...], value: str, why: str
) -> None:
    code, out, err = run(*command, "--base-rate", value)

    assert (code, out) == (WRONG, "")
    assert why in " ".join(err.split())


def test_a_base_rate_reaches_the_table_of_the_comparison_its_file_and_the_threshold_of_a_score(
    run: Callable[..., Ended], finished: RunContext
) -> None:
    compared = run("-q", "compare", "--base-rate", "0.05", "--fail-on", "never").out
    plain, rare = (
        run("score", "boy: a", "girl: b", "--model", "baseline", *given).out for given in ((), ("--base-rate", "0.05"))
    )

    assert "false negative 1, 5 % positive pairs" in " ".join(compared.split())
    assert json.loads(finished.paths.comparison_result.read_text())["threshold_by_cost"]["costs"]["base_rate"] == 0.05
    assert plain != rare


@pytest.mark.slow
def test_costs_reach_the_table_of_the_comparison_and_the_threshold_of_a_score(
    run: Callable[..., Ended], finished: RunContext
) -> None:
    assert finished.paths.root.exists()

    compared = run("-q", "compare", "--cost-fp", "4", "--fail-on", "never").out
    plain, costly = (
        run("score", "boy: a", "girl: b", "--model", "baseline", *costs).out
        for costs in ((), ("--cost-fp", "4", "--cost-fn", "2"))
    )

    assert "Threshold by cost: false positive 4, false negative 1" in compared
    assert plain != costly


@pytest.mark.parametrize("command", [("compare",), ("run",), ("decide", "--from", "x.json")])
@pytest.mark.parametrize(
    "options",
    [
        ("--min-gain", "nan"),
        ("--min-gain", "1.1"),
        ("--min-gain", "-0.1"),
        ("--max-loss", "inf"),
        ("--max-loss", "-0.1"),
        ("--candidate", ""),
        ("--must-hold", " "),
        ("--fail-on", "warn"),
    ],
)
def test_a_rule_that_is_none_is_refused(
    run: Callable[..., Ended], command: tuple[str, ...], options: tuple[str, str]
) -> None:
    code, out, err = run(*command, *options)

    assert (code, out) == (WRONG, "")
    assert f"Invalid value for '{options[0]}'" in err


# --- stdout, stderr, -q, -v -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "result", "message"),
    [
        (["evaluate-data"], "of 100 (target 60)", "evaluate-data: up to date"),
        (["baseline"], "baseline: slices of the 24 eval pairs", "baseline: up to date"),
        (["evaluate"], "lora-tuned: slices of the 24 eval pairs", "evaluate-lora-tuned: up to date"),
        (["compare"], "Scores on 24 eval pairs", "compare: up to date"),
        (["run"], "Scores on 24 eval pairs", "train-lora: up to date"),
    ],
)
def test_results_go_to_stdout_messages_to_stderr_and_q_silences_them(
    run: Callable[..., Ended], finished: RunContext, arguments: list[str], result: str, message: str
) -> None:
    told, quiet = run(*arguments), run("-q", *arguments)

    assert (told.code, quiet.code) == (DONE, DONE)
    assert result in told.out
    assert message in told.err
    assert message not in told.out
    assert quiet.out == told.out
    assert quiet.err == ""
    assert str(finished.paths.root) not in told.out


def test_every_result_fits_into_eighty_columns(run: Callable[..., Ended], finished: RunContext) -> None:
    assert finished.paths.root.exists()
    for command in ("evaluate-data", "baseline", "evaluate"):
        assert max(map(len, run(command).out.splitlines())) <= 80


def test_progress_is_shown_on_stderr_while_something_is_done(run: Callable[..., Ended]) -> None:
    told = run("evaluate-data")

    assert "Evaluating the data" in told.err
    assert "4/4" in told.err


def test_verbose_shows_where_an_error_came_from(run: Callable[..., Ended]) -> None:
    plain, verbose = run("compare"), run("-v", "compare")

    assert "Traceback" not in plain.err
    assert "Traceback" in verbose.err
    assert verbose.err.endswith(plain.err)
    assert verbose.code == plain.code == WRONG


# --- shared options -------------------------------------------------------------------------------------


def test_every_training_is_evaluated_before_the_first_is_shown(
    run: Callable[..., Ended], finished: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("standard", "lora-tuned"):
        finished.paths.stage_record(f"evaluate-{name}").unlink()

    def full(*_) -> Never:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("src.report.terminal.show_evaluation", full)

    assert run("evaluate").code == FAILED
    assert all(finished.paths.stage_record(f"evaluate-{name}").is_file() for name in ("standard", "lora-tuned"))


@pytest.mark.usefixtures("_undo_settings")
def test_the_root_is_where_results_go_and_where_the_data_is_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "elsewhere"
    write_data(root / "data" / "raw")
    monkeypatch.setattr(sys, "argv", ["cli", "-q", "--root", str(root), "evaluate-data"])

    with pytest.raises(SystemExit) as ended:
        entry()

    assert not ended.value.code
    assert "of 100" in capsys.readouterr().out
    assert ProjectPaths(root, root).quality_report.is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere"]


def test_the_data_folder_is_the_one_that_was_named(run: Callable[..., Ended], tmp_path: Path) -> None:
    write_data(tmp_path / "more")
    write_jsonl(tmp_path / "more" / "eval_pairs.jsonl", records(30, "m"))

    run("--data-dir", tmp_path / "more", "evaluate-data")

    report = json.loads((tmp_path / "root" / "data" / "evaluation" / "data_quality_report.json").read_text())
    assert report["eval"]["file"]["n"] == 30
    assert report["provenance"]["command"] == "python -m src.cli evaluate-data"


def test_the_seed_and_the_base_model_are_part_of_what_a_result_was_made_from(
    run: Callable[..., Ended], finished: RunContext
) -> None:
    weights = finished.paths.model("standard")

    assert "baseline               stale  changed since: seed" in run("--seed", "7", "status").out
    assert "baseline               stale  changed since: base" in run("--base-model", weights, "status").out


@pytest.mark.usefixtures("_undo_settings")
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], ""),
        (["-q", "-v"], ""),
        (["--seed", "42", "--root", "a 'b'"], " --root 'a '\"'\"'b'\"'\"'' --seed 42"),
        (["--allow-download", "--device=cpu"], " --allow-download --device cpu"),
        (["--data-dir", "x\x1b"], " --data-dir $'x\\033'"),
        (["--base-model", "x" * 5_000], " --base-model ..."),
    ],
)
def test_a_command_that_is_told_has_the_shared_options_that_were_given_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for command, before, after in (
        ("evaluate", "; run `", " train --mode standard` first\n"),
        ("status", ": ", " run\n"),
    ):
        monkeypatch.setattr(sys, "argv", ["cli", *given, command])
        with pytest.raises(SystemExit):
            entry()
        shown = "".join(capsys.readouterr())
        assert f"{before}python -m src.cli{told}{after}" in shown


def test_a_reason_that_lies_in_another_stage_names_it_and_that_stage_its_command(
    run: Callable[..., Ended], finished: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished.paths.training_info("lora").unlink()
    monkeypatch.setenv("COLUMNS", "1000")

    lines = run("status").out.splitlines()

    (reason,) = (line for line in lines if line.startswith("evaluate-lora "))
    command = lines[next(i for i, line in enumerate(lines) if line.startswith("train-lora ")) + 1]
    assert reason.endswith("stale  train-lora: training/lora_training_info.json is gone")
    assert command.startswith(f"  run: {program(finished)} train --mode lora ")


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused(
    run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)

    code, out, err = run("-q", "--device", device, "baseline")

    assert (code, out) == (WRONG, "")
    assert err == f"Error: --device {device}: not on this machine; there is cpu\n"


def test_a_download_is_tried_with_permission_alone(run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_, **__) -> Never:
        raise OSError("no network here")

    monkeypatch.setattr("huggingface_hub.snapshot_download", fail)

    without, allowed = (run(*extra, "--base-model", "some/name", "baseline") for extra in ([], ["--allow-download"]))

    assert without.code == WRONG
    assert (allowed.code, allowed.err) == (
        FAILED,
        (
            "Error: --base-model some/name: cannot be downloaded: no network here; "
            "check name and network, or give a folder\n"
        ),
    )


# --- options of one command -----------------------------------------------------------------------------


def test_every_option_of_train_reaches_the_training(run: Callable[..., Ended], context: RunContext) -> None:
    options = "--name mine --epochs 1 --batch-size 24 --learning-rate 0.02 --warmup-steps 0 --eval-steps 1 --rank 2"
    more = "--alpha 3 --dropout 0.25 --target-modules key,query --loss contrastive --precision fp32 --resume"

    code, out, err = run("--seed", 7, "train", "--mode", "lora", *options.split(), *more.split())

    assert code == DONE, err
    info = TrainingInfo.model_validate_json(context.paths.training_info("mine").read_bytes())
    assert info.config.model_dump(mode="json") == {
        "name": "mine",
        "mode": "lora",
        "epochs": 1,
        "batch_size": 24,
        "learning_rate": 0.02,
        "warmup_steps": 0,
        "eval_steps": 1,
        "weight_decay": 0.01,
        "max_grad_norm": 1.0,
        "precision": "fp32",
        "loss": "contrastive",
        "select_on": "test",
        "seed": 7,
        "lora": {"rank": 2, "alpha": 3, "dropout": 0.25, "target_modules": ["key", "query"]},
    }
    assert [point.step for point in info.history] == [0, 1, 2]
    # 2 layers x key and query x two matrices of rank 2 x 32
    assert info.trainable_parameters == 2 * 2 * 2 * 2 * 32
    assert "mine: no checkpoint of this recipe and data; starting afresh" in err
    assert "mine: 512 of " in out
    assert (context.paths.model("mine") / "adapter_model.safetensors").is_file()


@pytest.mark.parametrize(
    ("command", "reports"),
    [
        ("baseline", ["baseline_report.html"]),
        ("compare", ["baseline_report.html", "comparison_report.html"]),
        pytest.param("run", ["baseline_report.html", "comparison_report.html"], marks=pytest.mark.slow),
    ],
)
def test_redact_leaves_the_texts_out_of_what_the_command_writes(
    run: Callable[..., Ended], finished: RunContext, command: str, reports: list[str]
) -> None:
    text = finished.pair_sets["eval"].text_1[0]
    folder = finished.paths.baseline_report.parent
    named = {path.name: text in path.read_text() for path in folder.glob("*.html")}
    assert named == {"baseline_report.html": True, "comparison_report.html": True}

    assert run(command, "--redact").code == DONE

    named = {path.name for path in folder.glob("*.html") if text not in path.read_text()}
    assert named == set(reports)


@pytest.mark.parametrize(
    ("arguments", "evaluated"),
    [
        ([], ["finetuned", "lora", "lora-tuned"]),
        (["--mode", "all"], ["finetuned", "lora", "lora-tuned"]),
        (["--mode", "lora"], ["lora"]),
        (["--name", "lora-tuned"], ["lora-tuned"]),
    ],
)
def test_evaluate_takes_the_models_that_were_asked_for(
    run: Callable[..., Ended], finished: RunContext, arguments: list[str], evaluated: list[str]
) -> None:
    assert finished.paths.root.exists()

    _, out, _ = run("evaluate", *arguments)

    shown = [line.partition(":")[0] for line in out.splitlines() if ": slices of the" in line]
    assert shown == [display_name(name) for name in evaluated]


def test_a_model_of_others_is_evaluated_by_its_folder_and_afterwards_by_its_name(
    run: Callable[..., Ended], judged: RunContext
) -> None:
    folder = foreign_folders(Path(judged.base_model or ""))[WIDE]

    by_folder, by_name = run("-q", "evaluate", "--model", folder), run("-q", "evaluate", "--name", WIDE)

    assert (by_folder.code, by_name.code) == (DONE, DONE)
    assert "not known: trained elsewhere" in " ".join(by_folder.out.split())
    assert by_name.out == by_folder.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--model", "nowhere"], "nowhere: no such folder; give a folder of sentence-transformers"),
        (["--model", "."], "no modules.json; a sentence-transformers folder is expected"),
        (["--model", ".", "--name", "My Model"], "'My Model' is no name; lower-case letters, digits"),
        (["--model", ".", "--name", "lora"], "--name lora: a model of this program is called so; choose another"),
        (["--model", ".", "--mode", "lora"], "give --mode or --model, not both; leave one out"),
    ],
)
def test_a_folder_or_a_name_that_cannot_be_judged_is_told_in_one_line(
    run: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)

    code, out, err = run("evaluate", *arguments)

    assert (code, out) == (WRONG, "")
    assert told in err
    assert one_line(err)


@pytest.mark.parametrize(("option", "state"), [([], "fresh"), (["--verify"], "damaged")])
def test_status_finds_a_changed_byte_when_it_verifies(
    run: Callable[..., Ended], finished: RunContext, option: list[str], state: str
) -> None:
    content = bytearray(finished.paths.summary.read_bytes())
    content[0] ^= 1
    finished.paths.summary.write_bytes(content)

    code, out, err = run("status", *option)

    assert (code, err) == (DONE, "")
    assert f"report-comparison      {state}" in out


def test_status_of_an_empty_root_has_a_command_for_every_stage_and_writes_nothing(
    run: Callable[..., Ended], context: RunContext
) -> None:
    code, out, _ = run("status")

    assert code == DONE
    assert out.count("missing") == out.count(f"run: {program(context)} ") == 12
    assert not context.paths.root.exists()


def test_two_texts_have_a_cosine_and_a_verdict_in_one_line(run: Callable[..., Ended], finished: RunContext) -> None:
    assert finished.paths.root.exists()

    code, out, err = run("score", *PAIR)

    assert (code, err) == (DONE, "")
    assert one_line(out)
    cosine, _, words = out.partition("  ")
    threshold = float(words.partition("(threshold ")[2].partition(",")[0])
    assert words.startswith("compatible" if float(cosine) >= threshold else "not compatible")
    assert "model standard)" in words


def test_a_file_of_pairs_gives_json_lines_of_the_model_that_was_asked_for(
    run: Callable[..., Ended], finished: RunContext, tmp_path: Path
) -> None:
    assert finished.paths.root.exists()
    file = write_jsonl(tmp_path / "in.jsonl", [record(), record(text_2="girl: é <b> [red] \u2028 \x85")])

    base, tuned = ([json.loads(line) for line in run("score", "--input", file, "--model", name).out.splitlines()]
                   for name in ("baseline", "lora-tuned"))  # fmt: skip

    for scored, name in ((base, "baseline"), (tuned, "lora-tuned")):
        assert [score["text_2"] for score in scored] == ["girl: tea is fine", "girl: é <b> [red] \u2028 \x85"]
        assert {score["model"] for score in scored} == {name}
    assert base[0]["cosine"] != tuned[0]["cosine"]


def test_json_lines_in_an_encoding_that_lacks_a_character_hold_it_as_an_escape(
    run: Callable[..., Ended], finished: RunContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert finished.paths.root.exists()
    file = write_jsonl(tmp_path / "in.jsonl", [record(text_2="girl: é \U0001f642")])
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding="ascii"))

    assert run("score", "--input", file, "--model", "baseline").code == DONE

    assert json.loads(shown.getvalue().decode("ascii"))["text_2"] == "girl: é \U0001f642"


def test_data_in_square_brackets_is_shown_as_it_is(run: Callable[..., Ended], finished: RunContext) -> None:
    result = comparison_stage(finished).ensure()
    statement = "[bold]x[/bold] :smile:"
    changed = result.verdict.model_copy(update={"statement": statement})
    rewrite(finished, result.model_copy(update={"verdict": changed}))

    assert statement in run("compare").out


@pytest.mark.parametrize("command", [("train", "--mode", "standard"), ("run",)])
@pytest.mark.parametrize(
    ("seeds", "told"),
    [
        (("--seeds", "42,x"), "--seeds 42,x: 'x' is no seed; give whole numbers such as 42,43,44"),
        (("--seeds", "42,42"), "--seeds 42,42: a seed is named twice; name each once"),
        (
            ("--seed", "7", "--seeds", "42,43"),
            "--seed 7 beside --seeds, whose first one is 42: leave --seed out; the first is the run's",
        ),
    ],
)
def test_seeds_that_make_no_sense_are_refused_before_anything_is_done(
    run: Callable[..., Ended], context: RunContext, command: tuple[str, ...], seeds: tuple[str, ...], told: str
) -> None:
    ended = run(*command, *seeds)

    assert (ended.code, ended.err.splitlines()[-1]) == (2, f"Error: {told}")
    assert not context.paths.trainings.exists()


def test_training_with_seeds_trains_one_model_a_seed(run: Callable[..., Ended], context: RunContext) -> None:
    ended = run("train", "--mode", "standard", "--epochs", "1", "--learning-rate", "0.01", "--seeds", "42,7")

    assert ended.code == 0
    assert {path.name for path in context.paths.trainings.glob("*_training_info.json")} == {
        "standard_training_info.json",
        "standard-seed7_training_info.json",
    }
