from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from src import scoring
from src.baseline_analysis import baseline_stage
from src.core.errors import DataFileError, MissingStageError, UserInputError
from src.core.paths import ProjectPaths, artifact_name
from src.embedding.loading import loaded_model
from src.embedding_stage import embedding_stage
from src.evaluation.cost_threshold import cost_threshold
from src.metrics import cosine_similarities
from src.models import Costs, Prompts
from src.post_training_eval import evaluation_stage
from src.scoring import score_pairs, texts_to_score
from src.storage.files import write_json
from src.workflow.context import RunContext
from src.workflow.stage import read_record, write_record
from tests.support.data_files import write_jsonl
from tests.support.finished_run import NAMES
from tests.support.judged_run import WIDE
from tests.support.refusals import refused, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.models import Evaluation

CONTEXT = RunContext(paths=ProjectPaths(root=Path("root"), data_dir=Path("data")))
PAIRS = [
    ("boy: i love tea", "girl: no tea for me"),
    ("girl: long walks", "boy: long talks"),
    ("boy: i love tea", "girl: no tea for me"),
    ("boy: hm", "boy: hm"),
]


def evaluation_of(context: RunContext, name: str) -> Evaluation:
    return baseline_stage(context).require() if name == "baseline" else evaluation_stage(context, name).require()


@pytest.mark.parametrize("name", ["baseline", *NAMES])
def test_a_pair_has_the_cosine_of_its_embeddings_and_the_verdict_at_the_models_own_threshold(
    finished: RunContext, name: str
) -> None:
    found = score_pairs(finished, PAIRS, name)

    point = evaluation_of(finished, name).operating_point
    assert point is not None
    with loaded_model(finished.base, "cpu", None if name == "baseline" else finished.paths.model(name)) as model:
        left, right = model.encode([a for a, _ in PAIRS]), model.encode([b for _, b in PAIRS])
    np.testing.assert_allclose([score.cosine for score in found], (left * right).sum(axis=1), atol=1e-5)
    for score, pair in zip(found, PAIRS, strict=True):
        assert (score.text_1, score.text_2) == pair
        assert (score.threshold, score.model) == (point.threshold, name)
        assert score.compatible == (score.cosine >= score.threshold)


def test_the_same_pair_has_the_same_score_and_a_text_is_like_itself(finished: RunContext) -> None:
    first, _, again, same = score_pairs(finished, PAIRS, "standard")

    assert first == again
    assert same.cosine == pytest.approx(1, abs=1e-6)
    assert same.compatible


def test_each_different_text_is_encoded_once(finished: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[str] = []
    original = SentenceTransformer.encode

    def encode(self, inputs, *args, **options):
        encoded.extend(inputs)
        return original(self, inputs, *args, **options)

    monkeypatch.setattr(SentenceTransformer, "encode", encode)

    score_pairs(finished, PAIRS, "standard")

    assert sorted(encoded) == sorted({text for pair in PAIRS for text in pair})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("baseline", "baseline has not been run; run `baseline` first"),
        ("standard", "standard was not trained yet; run `train --mode standard` first"),
        ("finetuned", "finetuned was not trained yet; run `train --mode standard` first"),
    ],
)
def test_a_model_that_is_not_there_names_its_command(context: RunContext, name: str, message: str) -> None:
    with pytest.raises(MissingStageError) as caught:
        score_pairs(context, PAIRS, name)

    assert told(caught.value) == message


def test_a_model_that_was_not_evaluated_has_no_threshold_yet(finished: RunContext) -> None:
    finished.paths.stage_record("evaluate-lora").unlink()

    with refused(MissingStageError, match=r"evaluate-lora has not been run; run `evaluate --name lora` first"):
        score_pairs(finished, PAIRS, "lora")


def test_a_model_trained_on_one_label_has_no_threshold_at_all(finished: RunContext) -> None:
    path = finished.paths.metrics(artifact_name("lora"))
    write_json(path, evaluation_stage(finished, "lora").require().model_copy(update={"operating_point": None}))
    record = read_record(finished.paths, "evaluate-lora")
    write_record(finished.paths, record.stage, record.inputs, [path], 0.0)

    with pytest.raises(UserInputError, match="lora has no threshold: its training pairs have one label only"):
        score_pairs(finished, PAIRS, "lora")


def test_a_judged_model_scores_with_its_own_folder_and_prompt(judged: RunContext) -> None:
    pairs = judged.pair_sets["eval"]
    stored = cosine_similarities(embedding_stage(judged, WIDE, "").read()["eval"])

    (found,) = score_pairs(judged, [(pairs.text_1[0], pairs.text_2[0])], WIDE)

    assert found.cosine == pytest.approx(stored[0], abs=1e-6)


def test_what_the_model_read_before_the_texts_stands_before_those_that_are_scored(
    finished: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = {"prompts": Prompts(prompt_1="query: ", prompt_2="passage: ")}
    evaluation = evaluation_of(finished, "baseline").model_copy(update=read)
    monkeypatch.setattr(scoring, "baseline_stage", lambda _: SimpleNamespace(require=lambda: evaluation))
    plain = SentenceTransformer(str(finished.base.source), device="cpu")

    (found,) = score_pairs(finished, PAIRS[:1], "baseline")

    left, right = (plain.encode(prompt + text) for prompt, text in zip(("query: ", "passage: "), PAIRS[0], strict=True))
    assert found.cosine == pytest.approx(float(left @ right), abs=1e-6)
    assert (found.text_1, found.text_2) == PAIRS[0]


def test_with_another_prompt_than_it_was_trained_with_no_model_scores(finished: RunContext) -> None:
    with refused(MissingStageError, match=r"baseline is stale, changed since: prompts; run `baseline` first"):
        score_pairs(dataclasses.replace(finished, prompt_1="query: "), PAIRS, "baseline")


def test_a_judged_model_whose_folder_is_gone_cannot_score(judged: RunContext, tmp_path: Path) -> None:
    judged.paths.judged_folder(WIDE).write_text(str(tmp_path / "gone"))

    with refused(MissingStageError, match=r"^wide: its folder is gone, .*; run `evaluate --model DIR --name wide`"):
        score_pairs(judged, PAIRS, WIDE)


# --- what is scored -------------------------------------------------------------------------------------


def test_two_texts_are_one_pair() -> None:
    assert texts_to_score(CONTEXT, "boy: a", "girl: b", None) == [("boy: a", "girl: b")]


def test_a_file_has_a_pair_a_line_and_needs_no_labels(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "in.jsonl", [{"text_1": a, "text_2": b} for a, b in PAIRS])

    assert texts_to_score(CONTEXT, None, None, file) == PAIRS


@pytest.mark.parametrize(
    ("text_1", "text_2", "message"),
    [
        (None, None, "two texts are needed"),
        ("boy: a", None, "two texts are needed"),
        ("tea", "girl: b", "TEXT_1 is 'tea'; it must start with 'boy:' or 'girl:'"),
        ("boy: a", "girl:  ", "TEXT_2 is 'girl:  '; words are expected after the speaker"),
        ("boy: a", "man: b", "TEXT_2 is 'man: b'; it must start"),
    ],
)
def test_anything_but_two_texts_with_speakers_is_refused(text_1: str | None, text_2: str | None, message: str) -> None:
    with pytest.raises(UserInputError) as caught:
        texts_to_score(CONTEXT, text_1, text_2, None)

    assert message in str(caught.value)


def test_texts_and_a_file_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="give two texts or --input, not both"):
        texts_to_score(CONTEXT, "boy: a", "girl: b", tmp_path / "in.jsonl")


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda _: None, "no such file"),
        (lambda file: file.write_text(""), "no records"),
        (lambda file: file.write_text('{"text_1": "boy: a"}\n'), "in.jsonl:1: 'text_2' missing"),
        (lambda file: file.write_text('{"text_1": "boy: a", "text_2": "b"}\n'), "in.jsonl:1: text_2 is 'b'"),
    ],
)
def test_a_faulty_file_is_told_with_its_line(tmp_path: Path, write: Callable[[Path], None], message: str) -> None:
    file = tmp_path / "in.jsonl"
    write(file)

    with pytest.raises(DataFileError) as caught:
        texts_to_score(CONTEXT, None, None, file)

    assert message in str(caught.value)


def test_costs_ask_for_the_threshold_of_the_calibration(finished: RunContext) -> None:
    calibration = evaluation_of(finished, "standard").calibration
    assert calibration is not None
    assert calibration.fitted_on == "train"

    for score in score_pairs(finished, PAIRS, "standard", Costs(false_positive=3)):
        assert score.threshold == cost_threshold(calibration, Costs(false_positive=3))
        assert score.compatible == (score.cosine >= score.threshold)


def test_a_model_without_a_threshold_by_costs_says_why_and_what_to_do(
    finished: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "cost_threshold", lambda *_: None)

    with pytest.raises(UserInputError, match=r"^finetuned has no threshold by costs: .*; leave out costs"):
        score_pairs(finished, PAIRS, "standard", Costs())
