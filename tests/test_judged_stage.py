from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from src.baseline_analysis import baseline_stage
from src.comparison import comparison_stage
from src.core.errors import ArtifactError, MissingStageError, UserInputError
from src.embedding.foreign import read_foreign
from src.judged_stage import GivenFolder, judged_folder, judged_stage, name_of_folder, refuse_taken_name
from src.models import FolderKind, Prompts, StageState
from src.post_training_eval import evaluation_stage, judge_folder
from src.storage.files import write_bytes
from src.training_stage import run_training
from tests.support.data_files import records, write_jsonl
from tests.support.finished_run import recipe
from tests.support.judged_run import ADAPTER, JUDGED, PROMPT, SAME, WIDE, foreign_folders
from tests.support.prompted import with_prompts
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.workflow.context import RunContext


def move(context: RunContext, name: str, folder: Path) -> Path:
    """Let a judged model lie in a folder of its own, which a test may change."""
    known = judged_folder(context, name)
    assert known is not None
    shutil.copytree(known, folder)
    write_bytes(context.paths.judged_folder(name), os.fsencode(folder))
    return folder


def test_a_judged_model_is_known_by_its_name_kind_files_width_and_prompt(judged: RunContext) -> None:
    found = {name: judged_stage(judged, name).require() for name in judged.judged}

    assert tuple(found) == JUDGED
    assert {name: (one.kind, one.width, one.prompt) for name, one in found.items()} == {
        ADAPTER: (FolderKind.ADAPTER, 32, ""),
        SAME: (FolderKind.FULL, 32, ""),
        WIDE: (FolderKind.FULL, 16, PROMPT),
    }
    assert found[SAME].files_sha256 == judged.base_fingerprint


def test_a_model_with_prompts_for_queries_and_documents_is_recorded_with_both(context: RunContext) -> None:
    context = with_prompts(context, prompts={"query": "q: ", "passage": "p: "})
    given = GivenFolder(Path(context.base.source), read_foreign(Path(context.base.source), context.base))

    found = judged_stage(context, "mine", given).ensure()

    assert (found.prompt, found.prompt_2) == ("q: ", "p: ")
    assert found.prompts == Prompts(prompt_1="q: ", prompt_2="p: ")


def test_no_result_names_the_folder(judged: RunContext) -> None:
    home = str(foreign_folders(Path(judged.base_model or ""))[WIDE].parent).encode()

    naming = {path.name for path in judged.paths.root.rglob("*") if path.is_file() and home in path.read_bytes()}

    assert naming == {f"judged-{name}.txt" for name in JUDGED}


def test_a_folder_that_changed_makes_all_that_was_made_with_it_stale(judged: RunContext, tmp_path: Path) -> None:
    folder = move(judged, WIDE, tmp_path / "copy")
    assert judged_stage(judged, WIDE).status().state is StageState.FRESH
    settings = folder / "config_sentence_transformers.json"
    settings.write_text(settings.read_text().replace(PROMPT, "other: "))

    status = judged_stage(judged, WIDE).status()

    assert (status.state, status.reason) == (StageState.STALE, "changed since: folder")
    assert status.command == f"evaluate --model {folder} --name {WIDE}"
    with refused(
        MissingStageError, match=rf"judge-wide is stale, changed since: folder; run `evaluate --model {folder}"
    ):
        evaluation_stage(judged, WIDE).require()


def test_a_folder_that_is_gone_leaves_its_evaluation_and_the_comparison_as_they_are(
    judged: RunContext, tmp_path: Path
) -> None:
    shutil.rmtree(move(judged, WIDE, tmp_path / "copy"))

    assert judged_folder(judged, WIDE) is None
    assert judged_stage(judged, WIDE).status().state is StageState.FRESH
    assert WIDE in [model.name for model in comparison_stage(judged).require().models]


def test_without_its_folder_lost_embeddings_cannot_be_made_again(judged: RunContext, tmp_path: Path) -> None:
    shutil.rmtree(move(judged, WIDE, tmp_path / "copy"))
    judged.paths.embeddings(WIDE, "eval").unlink()

    with refused(
        MissingStageError,
        match=r"^wide: its folder is gone, so no text can be embedded with it; run `evaluate --model DIR --name wide`",
    ):
        evaluation_stage(judged, WIDE).ensure()


def test_other_pairs_make_the_evaluation_stale_and_not_the_model(
    judged: RunContext, fresh: Callable[[], RunContext]
) -> None:
    write_jsonl(judged.paths.eval_pairs, records(20, "new"))

    assert judged_stage(fresh(), WIDE).status().state is StageState.FRESH
    assert evaluation_stage(fresh(), WIDE).status().state is StageState.STALE


def test_a_record_of_another_model_is_refused(judged: RunContext) -> None:
    path = judged.paths.judged_model(WIDE)
    path.write_text(path.read_text().replace('"name": "wide"', '"name": "wild"'))

    with pytest.raises(ArtifactError, match=r"wide_judged_model\.json: damaged, it is about another model"):
        judged_stage(judged, WIDE).read()


def test_a_record_that_was_removed_takes_the_model_out_of_the_run(judged: RunContext) -> None:
    judged.paths.judged_model(WIDE).unlink()

    assert judged.judged == [ADAPTER, SAME]


# --- names ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "name"),
    [("mine", "mine"), ("My Model v2.1", "my-model-v2-1"), ("_e5_", "e5"), ("é-" + "x" * 60, "x" * 40)],
)
def test_without_a_name_a_model_is_called_as_its_folder(folder: str, name: str) -> None:
    assert name_of_folder(Path("/models") / folder) == name


@pytest.mark.parametrize("folder", ["ﬁ", "___", ""])
def test_a_folder_whose_name_holds_nothing_that_a_name_may_needs_a_name(folder: str) -> None:
    with pytest.raises(UserInputError, match="its name cannot be used; give a --name: lower-case letters"):
        name_of_folder(Path("/") / folder)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mine", "a training has this name"),
        ("lora-tuned", "is called so"),
        ("length", "a shallow baseline has this name"),
    ],
)
def test_a_name_that_a_training_has_or_will_have_is_refused(name: str, told: str) -> None:
    with pytest.raises(UserInputError, match=f"^--name {name}: .*{told}; choose another --name$"):
        refuse_taken_name(name, ["mine"])


def test_a_judged_model_cannot_take_the_name_of_a_training(finished: RunContext) -> None:
    with pytest.raises(UserInputError, match=r"^--name lora: a training has this name; choose another --name$"):
        judge_folder(finished, Path(finished.base_model or ""), "lora")


def test_a_training_cannot_take_the_name_of_a_judged_model(judged: RunContext) -> None:
    with pytest.raises(UserInputError, match=r"^--name wide: a judged model has this name; choose another --name$"):
        run_training(judged, recipe(WIDE))


def test_before_the_baseline_nothing_is_recorded(context: RunContext) -> None:
    with refused(MissingStageError, match="^baseline has not been run; run `baseline` first$"):
        judge_folder(context, Path(context.base_model or ""), "mine")

    assert context.judged == []


def test_a_model_that_stands_is_not_judged_again(judged: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("src.post_training_eval.evaluate_embeddings")

    found = judge_folder(judged, foreign_folders(Path(judged.base_model or ""))[WIDE], WIDE)

    assert found == evaluation_stage(judged, WIDE).read()


# --- its evaluation -------------------------------------------------------------------------------------


def test_the_base_model_judged_has_the_numbers_of_the_baseline_to_the_last_digit(judged: RunContext) -> None:
    own = {"model", "judged", "change", "learnability", "provenance"}
    base, found = (stage.require() for stage in (baseline_stage(judged), evaluation_stage(judged, SAME)))

    assert found.model_dump(exclude=own) == base.model_dump(exclude=own)
    assert found.change is not None
    assert found.change.max_abs_difference == 0


def test_a_model_of_another_width_is_measured_and_how_far_it_moved_is_not_defined(judged: RunContext) -> None:
    found = evaluation_stage(judged, WIDE).require()

    assert found.auc_roc is not None
    assert found.change is None
    assert found.projection is not None
    assert found.projection.aligned_to == "baseline"


def test_an_evaluation_says_that_the_model_was_trained_elsewhere_and_nothing_of_how_it_was_chosen(
    judged: RunContext,
) -> None:
    found = evaluation_stage(judged, ADAPTER).require()

    assert found.judged == judged_stage(judged, ADAPTER).require()
    assert found.selection is None


def test_what_no_model_was_trained_elsewhere_of_says_nothing_of_it(judged: RunContext) -> None:
    assert b'"judged"' not in judged.paths.metrics("baseline").read_bytes()


def test_another_device_is_named_as_what_changed(judged: RunContext) -> None:
    later = dataclasses.replace(judged)
    later.__dict__["device"] = "cpu:0"

    assert "device" in evaluation_stage(later, WIDE).status().reason
