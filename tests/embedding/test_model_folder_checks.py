from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from src.core.errors import ModelError
from src.embedding.base_model import base_fingerprint, resolve_base_model
from src.embedding.loading import loaded_model
from src.embedding.model_files import ADAPTER_CONFIG, WEIGHTS
from src.embedding.model_folder_checks import read_base
from tests.system.attacks_on_models import with_dense

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from src.workflow.context import RunContext

POOLER = "pooler.dense.weight"


@pytest.fixture
def copied_model(tiny_model: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_model, tmp_path / "copied")


def load(context: RunContext, name: str) -> None:
    with loaded_model(context.base, "cpu", context.paths.model(name)):
        pass


def load_base(folder: Path) -> None:
    with loaded_model(resolve_base_model(str(folder)), "cpu"):
        pass


def change_json(file: Path, **changes: Any) -> None:  # noqa: ANN401 - any JSON
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def without(file: Path, name: str) -> None:
    save_file({key: value for key, value in load_file(file).items() if key != name}, file, {"format": "pt"})


def cut(file: Path, name: str) -> None:
    weights = load_file(file)
    save_file({**weights, name: weights[name][:-1].clone()}, file, {"format": "pt"})


def some_tensor(file: Path) -> str:
    return next(name for name in sorted(load_file(file)) if "attention" in name)


# --- all weights are there ------------------------------------------------------------------------------


def test_a_trained_model_that_lacks_a_tensor_is_refused(finished: RunContext) -> None:
    file = finished.paths.model("standard") / WEIGHTS
    name = some_tensor(file)
    without(file, name)

    with pytest.raises(ModelError, match=rf"the tensor {name} is missing; train the model again"):
        load(finished, "standard")


def test_a_trained_model_with_a_tensor_of_another_shape_is_refused(finished: RunContext) -> None:
    file = finished.paths.model("standard") / WEIGHTS
    name = some_tensor(file)
    cut(file, name)

    with pytest.raises(ModelError, match=rf"the tensor {name} has shape \(31,\), the base model's \(32,\); train"):
        load(finished, "standard")


def test_a_base_model_with_a_tensor_of_another_shape_is_refused(copied_model: Path) -> None:
    cut(copied_model / WEIGHTS, some_tensor(copied_model / WEIGHTS))

    with pytest.raises(ModelError, match=r"cannot be loaded as a model: .*; use a complete model"):
        load_base(copied_model)


def test_a_base_model_that_lacks_a_tensor_is_refused(copied_model: Path) -> None:
    name = some_tensor(copied_model / WEIGHTS)
    without(copied_model / WEIGHTS, name)

    with pytest.raises(ModelError, match=rf"the tensor {name} is missing; use a complete model"):
        load_base(copied_model)


def test_a_base_model_without_the_layer_that_mean_pooling_does_not_read_is_taken(copied_model: Path) -> None:
    assert POOLER in load_file(copied_model / WEIGHTS)
    without(copied_model / WEIGHTS, POOLER)

    load_base(copied_model)


@pytest.mark.parametrize(
    ("key", "value", "other"),
    [("num_hidden_layers", 1, "weights have 2"), ("hidden_act", "relu", "base model's is 'gelu'")],
)
def test_a_trained_model_of_another_architecture_is_refused(
    finished: RunContext, key: str, value: object, other: str
) -> None:
    change_json(finished.paths.model("standard") / "config.json", **{key: value})

    with pytest.raises(ModelError, match=rf"config\.json: {key} is {value!r}, the {other}"):
        load(finished, "standard")


@pytest.mark.parametrize(("key", "value"), [("use_cache", True), ("use_cache", False), ("transformers_version", "1")])
def test_what_the_libraries_change_while_they_train_makes_no_other_architecture(
    finished: RunContext, key: str, value: object
) -> None:
    change_json(finished.paths.model("standard") / "config.json", **{key: value})

    load(finished, "standard")


@pytest.mark.parametrize(
    "changes", [{"r": 4}, {"target_modules": ["query"]}, {"target_modules": ["query", "value", "key"]}]
)
def test_an_adapter_that_does_not_fit_its_own_configuration_is_refused(
    finished: RunContext, changes: dict[str, Any]
) -> None:
    change_json(finished.paths.model("lora") / ADAPTER_CONFIG, **changes)

    with pytest.raises(ModelError, match="does not fit the base model and its configuration"):
        load(finished, "lora")


@pytest.mark.parametrize("changes", [{"peft_type": "IA3"}, {"r": "many"}, {"target_modules": None}])
def test_an_adapter_that_is_no_lora_is_refused(finished: RunContext, changes: dict[str, Any]) -> None:
    change_json(finished.paths.model("lora") / ADAPTER_CONFIG, **changes)

    with pytest.raises(ModelError, match=rf"{next(iter(changes))} is .*, expected .*; train the model again"):
        load(finished, "lora")


# --- nothing else is there ------------------------------------------------------------------------------


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.canary),)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "optimizer.pt", "1_Pooling/x.pkl", "training_args.bin"])
def test_a_trained_folder_with_a_pickle_is_refused_and_the_pickle_not_opened(
    finished: RunContext, tmp_path: Path, name: str
) -> None:
    torch.save(Payload(tmp_path / "canary"), finished.paths.model("standard") / name)

    with pytest.raises(ModelError, match="a pickle can run code and is never opened"):
        load(finished, "standard")
    assert not (tmp_path / "canary").exists()


def test_weights_that_are_a_pickle_are_not_opened(copied_model: Path, tmp_path: Path) -> None:
    torch.save(Payload(tmp_path / "canary"), copied_model / WEIGHTS)

    with pytest.raises(ModelError, match="damaged, no safetensors file"):
        load_base(copied_model)
    assert not (tmp_path / "canary").exists()


def test_a_module_of_a_base_model_that_is_only_there_as_a_pickle_is_refused(copied_model: Path, tmp_path: Path) -> None:
    with_dense()(copied_model)
    read_base(copied_model)
    (copied_model / "3_Dense" / WEIGHTS).unlink()
    torch.save(Payload(tmp_path / "canary"), copied_model / "3_Dense" / "pytorch_model.bin")

    with pytest.raises(ModelError, match="a pickle can run code"):
        resolve_base_model(str(copied_model))
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("name", ["tokenizer_config.json", "1_Pooling/config.json"])
def test_code_of_its_own_is_refused_wherever_it_is_asked_for(copied_model: Path, name: str) -> None:
    change_json(copied_model / name, auto_map={"AutoTokenizer": "evil.Tokenizer"})

    with pytest.raises(ModelError, match="asks for code of its own, which is never run"):
        resolve_base_model(str(copied_model))


@pytest.mark.parametrize("name", ["extra.json", "1_Pooling/passwd"])
def test_a_link_in_a_trained_folder_is_refused(finished: RunContext, name: str) -> None:
    (finished.paths.model("lora") / name).parent.mkdir(exist_ok=True)
    (finished.paths.model("lora") / name).symlink_to("/etc/passwd")

    with pytest.raises(ModelError, match="a link, which is not followed"):
        load(finished, "lora")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_tokenizer_that_is_damaged_is_refused(copied_model: Path, content: str) -> None:
    (copied_model / "tokenizer.json").write_text(content)

    with pytest.raises(ModelError, match=r"damaged|cannot be loaded"):
        load_base(copied_model)


@pytest.mark.parametrize("missing", ["config.json", "1_Pooling/config.json"])
def test_a_base_model_without_one_of_its_files_is_refused(copied_model: Path, missing: str) -> None:
    (copied_model / missing).unlink()

    with pytest.raises(ModelError):
        load_base(copied_model)


@pytest.mark.parametrize("content", ["{", '"text"', "[1]", "{}", '[{"idx": 0}]'])
def test_a_list_of_modules_that_is_damaged_is_refused(copied_model: Path, content: str) -> None:
    (copied_model / "modules.json").write_text(content)

    with pytest.raises(ModelError):
        load_base(copied_model)


# --- what a base model is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("1_Pooling/config.json", {"include_prompt": False}),
        ("tokenizer_config.json", {"do_lower_case": False}),
        ("config.json", {"added": 1}),
    ],
)
def test_a_base_model_is_another_one_when_any_of_its_settings_is(
    copied_model: Path, name: str, changes: dict[str, Any]
) -> None:
    before = base_fingerprint(resolve_base_model(str(copied_model)))

    change_json(copied_model / name, **changes)

    after = resolve_base_model(str(copied_model))
    assert base_fingerprint(after) != before
    assert after.sha256 == resolve_base_model(str(copied_model)).sha256
