from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from src.core.errors import ModelFolderError, UserInputError
from src.embedding.base_model import base_fingerprint, resolve_base_model
from src.embedding.encoder import encode_texts
from src.embedding.foreign import foreign_fingerprint, read_foreign
from src.embedding.loading import loaded_model
from src.embedding.model_files import ADAPTER_CONFIG, ADAPTER_WEIGHTS, BASE_RECORD, MODULES, WEIGHTS
from src.models import NO_PROMPTS, FolderKind, Prompts
from tests.support.judged_run import ADAPTER, PROMPT, SAME, WIDE, foreign_folders, set_prompt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXTS = ["boy: i love tea", "girl: no tea for me", "boy: hm"]


@pytest.fixture
def folders(tiny_model: Path) -> dict[str, Path]:
    return foreign_folders(tiny_model)


def vectors(base: Path, folder: Path) -> np.ndarray:
    found = resolve_base_model(str(base))
    prompt = read_foreign(folder, found).prompts.prompt_1
    with loaded_model(found, "cpu", folder, foreign=True) as model:
        return encode_texts(model, [prompt + text for text in TEXTS])


# --- what a folder holds --------------------------------------------------------------------------------


def test_the_base_model_is_a_foreign_model_too(tiny_model: Path) -> None:
    base = resolve_base_model(str(tiny_model))
    found = read_foreign(tiny_model, base)

    assert (found.kind, found.width, found.prompts) == (FolderKind.FULL, 32, NO_PROMPTS)
    assert (found.files_sha256, found.weights_sha256) == (base_fingerprint(base), base.sha256)


def test_width_and_default_prompt_of_a_folder_are_known(tiny_model: Path, folders: dict[str, Path]) -> None:
    found = read_foreign(folders[WIDE], resolve_base_model(str(tiny_model)))

    assert (found.kind, found.width) == (FolderKind.FULL, 16)
    assert found.prompts == Prompts(prompt_1=PROMPT, prompt_2=PROMPT)


def test_a_plain_adapter_needs_no_record_of_its_base(tiny_model: Path, folders: dict[str, Path]) -> None:
    assert not (folders[ADAPTER] / MODULES).exists()

    found = read_foreign(folders[ADAPTER], resolve_base_model(str(tiny_model)))

    assert (found.kind, found.width) == (FolderKind.ADAPTER, 32)
    assert found.files_sha256 == foreign_fingerprint(folders[ADAPTER])


@pytest.mark.parametrize("name", [ADAPTER, WIDE])
@pytest.mark.parametrize("file", ["weights", "config"])
def test_another_file_makes_it_another_model(folders: dict[str, Path], tmp_path: Path, name: str, file: str) -> None:
    names = {"weights": (ADAPTER_WEIGHTS, WEIGHTS), "config": (ADAPTER_CONFIG, "config.json")}
    changed = shutil.copytree(folders[name], tmp_path / name)
    (path,) = (changed / one for one in names[file] if (changed / one).exists())
    path.write_bytes(path.read_bytes() + b" ")

    assert foreign_fingerprint(changed) != foreign_fingerprint(folders[name])


# --- its vectors ----------------------------------------------------------------------------------------


def test_a_default_prompt_stands_before_each_text_as_the_library_does_it(
    tiny_model: Path, folders: dict[str, Path]
) -> None:
    plain = SentenceTransformer(str(folders[WIDE]), device="cpu")

    found = vectors(tiny_model, folders[WIDE])

    np.testing.assert_allclose(found, plain.encode(TEXTS), atol=1e-6)
    assert np.abs(found - plain.encode(TEXTS, prompt="")).max() > 1e-3


def test_a_plain_adapter_gives_the_vectors_that_peft_gives(tiny_model: Path, folders: dict[str, Path]) -> None:
    plain = SentenceTransformer(str(tiny_model), device="cpu")
    before = plain.encode(TEXTS)
    plain.load_adapter(str(folders[ADAPTER]))

    found = vectors(tiny_model, folders[ADAPTER])

    np.testing.assert_allclose(found, plain.encode(TEXTS), atol=1e-6)
    assert np.abs(found - before).max() > 1e-3


def test_an_adapter_in_a_folder_of_sentence_transformers_keeps_its_own_prompt(
    tiny_model: Path, folders: dict[str, Path], tmp_path: Path
) -> None:
    saved = SentenceTransformer(str(tiny_model), device="cpu")
    saved.load_adapter(str(folders[ADAPTER]))
    saved.save_pretrained(str(tmp_path / "saved"), create_model_card=False)
    set_prompt(tmp_path / "saved", PROMPT)

    found = vectors(tiny_model, tmp_path / "saved")

    np.testing.assert_allclose(found, saved.encode(TEXTS, prompt=PROMPT), atol=1e-6)
    assert read_foreign(tmp_path / "saved", resolve_base_model(str(tiny_model))).prompts.prompt_2 == PROMPT


def test_an_adapter_that_lies_alone_has_the_prompts_of_its_base_model(
    tiny_model: Path, folders: dict[str, Path]
) -> None:
    base = resolve_base_model(str(tiny_model), prompt_2="passage: ")

    assert read_foreign(folders[ADAPTER], base).prompts == Prompts(prompt_2="passage: ")


def test_a_model_whose_pooling_leaves_its_prompt_out_is_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(folders[WIDE], tmp_path / "wide")
    pooling = folder / "1_Pooling" / "config.json"
    pooling.write_text(json.dumps(json.loads(pooling.read_text()) | {"include_prompt": False}))

    with pytest.raises(
        ModelFolderError, match=r"include_prompt is false: .*; judge a model whose pooling includes them$"
    ):
        read_foreign(folder, resolve_base_model(str(folders[SAME])))


# --- what is refused ------------------------------------------------------------------------------------


def without(*names: str) -> Callable[[Path], object]:
    return lambda folder: [(folder / name).unlink() for name in names]


def pickled(name: str, weights: str) -> Callable[[Path], object]:
    return lambda folder: (folder / weights).rename(folder / name)


def says(name: str, **values: object) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        known = json.loads((folder / name).read_text()) if (folder / name).exists() else {}
        (folder / name).write_text(json.dumps(known | values))

    return spoil


def code(folder: Path) -> None:
    entries = json.loads((folder / MODULES).read_text())
    entries[0]["type"] = "mine.Transformer"
    (folder / MODULES).write_text(json.dumps(entries))


@pytest.mark.parametrize(
    ("name", "spoil", "told"),
    [
        (WIDE, without(MODULES), r"no modules\.json; a sentence-transformers folder is expected"),
        (WIDE, pickled("pytorch_model.bin", WEIGHTS), r"no model\.safetensors"),
        (WIDE, code, "asks for code of its own, which is never run"),
        (WIDE, says("config.json", auto_map={"AutoModel": "mine.Model"}), "asks for code of its own"),
        (WIDE, says("config_sentence_transformers.json", default_prompt_name="no"), "there is no prompt no, the defa"),
        (ADAPTER, pickled("adapter_model.bin", ADAPTER_WEIGHTS), "a pickle can run code and is never opened"),
        (ADAPTER, without(ADAPTER_WEIGHTS), r"adapter_model\.safetensors: missing; use a complete model"),
        (ADAPTER, says(ADAPTER_CONFIG, r=4), "does not fit the base model .* use a complete model"),
        (ADAPTER, says(ADAPTER_CONFIG, use_dora=True), "use_dora is True"),
        (ADAPTER, says(BASE_RECORD, sha256="0" * 64), "belongs to another base model; name its base model with --base"),
        (ADAPTER, says(WEIGHTS), r"holds model\.safetensors and adapter_config\.json, expected one"),
    ],
)
def test_a_folder_that_must_not_be_used_is_refused(
    tiny_model: Path, tmp_path: Path, name: str, spoil: Callable[[Path], object], told: str
) -> None:
    folder = shutil.copytree(foreign_folders(tiny_model)[name], tmp_path / "spoilt")
    spoil(folder)

    with pytest.raises(ModelFolderError, match=told):
        read_foreign(folder, resolve_base_model(str(tiny_model)))


def test_an_adapter_below_another_pooling_is_refused(
    tiny_model: Path, folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(folders[SAME], tmp_path / "adapter")
    (folder / WEIGHTS).unlink()
    shutil.copytree(folders[ADAPTER], folder, dirs_exist_ok=True)
    base = resolve_base_model(str(tiny_model))
    assert read_foreign(folder, base).kind is FolderKind.ADAPTER
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text())
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling | {"pooling_mode": "max"}))

    with pytest.raises(ModelFolderError, match="Pooling max, Normalize, the base model's Transformer, Pooling mean, N"):
        read_foreign(folder, base)


def test_a_folder_that_is_not_there_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match=r"^--model .*nowhere: no such folder; give a folder of sentence-transf"):
        read_foreign(tmp_path / "nowhere", resolve_base_model(str(tiny_model)))
