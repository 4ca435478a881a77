"""Load one model at a time, and free its memory. Nothing here imports torch before a model is asked for."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import ModelError, UserInputError, first_line, is_out_of_memory
from ..storage.files import open_regular, whole
from .model_folder import (
    ADAPTER_WEIGHTS,
    TRAIN_AGAIN,
    USE_ANOTHER,
    WEIGHTS,
    has_tokenizer,
    refuse_foreign_files,
    refuse_missing_weights,
    refuse_other_architecture,
    refuse_unfit_adapter,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentence_transformers import SentenceTransformer

    from .base_model import BaseModel


# NVIDIA's driver, CUDA below Windows, AMD's driver
_DEVICE_FILES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
BASE_RECORD = "base_model.json"


def go_offline() -> None:
    """Set the environment variables that keep the libraries offline, quiet and small; call it before their import."""
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_PROGRESS_BARS"):
        os.environ[name] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # the default caches compiled code for 1,024 batch shapes: hundreds of megabytes more, and no faster
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32")


def resolve_device(wanted: str) -> str:
    """Resolve `auto` to the first available device of cuda, mps and cpu.

    Raises:
        UserInputError: The wanted device is not available.
    """
    if wanted in ("auto", "cpu") and not _may_have_accelerator():
        return "cpu"
    import torch  # noqa: PLC0415 - heavy; not for --help, nor for `status` on a machine with a processor alone

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


def _may_have_accelerator() -> bool:
    """Whether it takes torch to tell: without one of these device files Linux has no GPU that torch could use."""
    return sys.platform != "linux" or any(map(os.path.exists, _DEVICE_FILES))


@contextmanager
def loaded_model(base: BaseModel, device: str, trained: Path | None = None) -> Iterator[SentenceTransformer]:
    """Load one model and free its memory at the end of the block.

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
    """Collect garbage and return the memory that the allocators of system and device keep."""
    gc.collect()
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        # without it, the freed memory of one training stays allocated while the next one runs
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
        # a damaged file can raise any error in the libraries
        raise ModelError(f"{folder}: cannot be loaded as a model: {first_line(error)}; {remedy}") from None
    refuse_missing_weights(model, folder / WEIGHTS, remedy)
    return model


def _refuse_other_base(base: BaseModel, trained: Path) -> None:
    try:
        with open_regular(trained / BASE_RECORD) as file:
            record = json.loads(whole(file))
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
