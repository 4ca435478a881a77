from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sentence_transformers import SentenceTransformer

from src.core.errors import ModelFolderError, UserInputError
from src.embedding.base_model import resolve_base_model
from src.embedding.loading import loaded_model
from src.embedding.prompts import keep_prompts, prompts_of, told
from src.models import NO_PROMPTS, Prompts
from tests.support.prompted import DEFAULT, POOLING, PROMPT, SETTINGS, copy_with

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import PairSetFactory

BOTH = Prompts(prompt_1=PROMPT, prompt_2=PROMPT)


def folder_with(home: Path, **settings: object) -> Path:
    (home / SETTINGS).write_text(json.dumps(settings))
    return home


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ("", "")),
        (DEFAULT, (PROMPT, PROMPT)),
        ({"prompts": {"query": "q: ", "document": "d: "}}, ("q: ", "d: ")),
        ({"prompts": {"query": "q: ", "passage": "p: "}}, ("q: ", "p: ")),
        ({"prompts": {"query": "q: "}}, ("q: ", "")),
        ({"prompts": {"document": "", "passage": "p: "}}, ("", "")),
        ({"prompts": {"clustering": "c: "}}, ("", "")),
        ({"prompts": {"query": "q: ", "document": "d: "}, "default_prompt_name": "query"}, ("q: ", "q: ")),
        ({"default_prompt_name": "document"}, ("", "")),
    ],
)
def test_the_default_prompt_stands_before_both_texts_else_those_of_query_and_document(
    tmp_path: Path, settings: dict[str, Any], expected: tuple[str, str]
) -> None:
    found = prompts_of(folder_with(tmp_path, **settings), "mend it")

    assert (found.prompt_1, found.prompt_2) == expected


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"default_prompt_name": "no"}, "there is no prompt no, the default one; mend it"),
        ({"prompts": {"query": "\ud800"}}, "damaged: a prompt is no text of Unicode; mend it"),
    ],
)
def test_prompts_that_cannot_be_used_are_refused(tmp_path: Path, settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ModelFolderError, match=f"{SETTINGS}: {told}$"):
        prompts_of(folder_with(tmp_path, **settings), "mend it")


@pytest.mark.parametrize("prompts", [BOTH, Prompts(prompt_1="q: ", prompt_2="d: "), NO_PROMPTS])
def test_a_saved_model_has_the_prompts_that_it_was_given(tiny_model: Path, tmp_path: Path, prompts: Prompts) -> None:
    model = SentenceTransformer(str(copy_with(tiny_model, tmp_path / "model", SETTINGS, **DEFAULT)), device="cpu")

    keep_prompts(model, prompts)
    model.save_pretrained(str(tmp_path / "saved"), create_model_card=False)

    assert prompts_of(tmp_path / "saved", "") == prompts


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, BOTH),
        ({"prompt_1": "", "prompt_2": ""}, NO_PROMPTS),
        ({"prompt_1": ""}, Prompts(prompt_2=PROMPT)),
        ({"prompt_2": "p: "}, Prompts(prompt_1=PROMPT, prompt_2="p: ")),
    ],
)
def test_what_is_given_takes_the_place_of_the_base_models_own_prompt(
    tiny_model: Path, tmp_path: Path, given: dict[str, str], expected: Prompts
) -> None:
    base = resolve_base_model(str(copy_with(tiny_model, tmp_path / "model", SETTINGS, **DEFAULT)), **given)  # type: ignore[arg-type]

    assert base.prompts == expected
    with loaded_model(base, "cpu") as model:
        assert [model.prompts[name] for name in ("query", "document")] == [expected.prompt_1, expected.prompt_2]


def test_pooling_that_leaves_prompts_out_is_refused_with_a_prompt_and_works_without(
    tiny_model: Path, tmp_path: Path
) -> None:
    folder = str(copy_with(tiny_model, tmp_path / "model", POOLING, include_prompt=False))

    assert resolve_base_model(folder).prompts == NO_PROMPTS
    with pytest.raises(
        ModelFolderError, match=r"include_prompt is false: .*; use it without prompts: --prompt-1 '' --"
    ):
        resolve_base_model(folder, prompt_1="query: ")


def test_a_prompt_that_leaves_no_token_for_a_text_is_refused(tiny_model: Path) -> None:
    fits = "a " * 125  # of 128 tokens, two are the model's own

    assert resolve_base_model(str(tiny_model), prompt_1=fits).prompts.prompt_1 == fits
    with pytest.raises(UserInputError, match="fills the 128 tokens that the model reads and leaves none for a text"):
        resolve_base_model(str(tiny_model), prompt_2=fits + "a ")


def test_prompts_stand_before_the_texts_of_their_side_and_none_changes_nothing(pair_set: PairSetFactory) -> None:
    pairs = pair_set(["a", "b"], ["b", "c"])

    found = Prompts(prompt_1="q: ", prompt_2="d: ").before(pairs)

    assert (found.text_1, found.text_2) == (["q: a", "q: b"], ["d: b", "d: c"])
    assert NO_PROMPTS.before(pairs) is pairs


@pytest.mark.parametrize(
    ("prompts", "expected"),
    [
        (Prompts(prompt_1="q: ", prompt_2="q: "), "mine reads “q: ” before each text"),
        (Prompts(prompt_1="q:\n"), "mine reads “q:\\n” before text 1 and nothing before text 2"),
    ],
)
def test_what_a_model_reads_is_told_in_one_line(prompts: Prompts, expected: str) -> None:
    assert told("mine", prompts) == expected
