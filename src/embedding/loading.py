"""Load one model at a time, and free its memory. Nothing here imports torch before a model is asked for."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import sysconfig
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import ModelFolderError, PipelineError, UserInputError, first_line, is_out_of_memory
from ..models import FolderKind
from .adapter import Adapter, read_adapter
from .foreign import kind_of, read_foreign_adapter
from .model_files import (
    ADAPTER_WEIGHTS,
    BASE_RECORD,
    TRAIN_AGAIN,
    USE_ANOTHER,
    WEIGHTS,
    quoted,
    read_json,
    refuse_links_and_pickles,
)
from .model_folder_checks import (
    ModelFolder,
    read_base,
    read_trained,
    refuse_missing_weights,
    refuse_other_architecture,
)
from .probe import refuse_useless
from .prompts import keep_prompts, prompts_of_adapter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentence_transformers import SentenceTransformer

    from ..models import Prompts
    from .base_model import BaseModel


# NVIDIA's driver, CUDA below Windows, AMD's driver
_DEVICE_FILES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")


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
def loaded_model(
    base: BaseModel, device: str, trained: Path | None = None, *, foreign: bool = False
) -> Iterator[SentenceTransformer]:
    """Load one model and free its memory at the end of the block.

    Args:
        base: The base model.
        device: `cpu`, `mps` or `cuda`.
        trained: Folder of a trained model, full weights or adapter; None for the base model itself.
        foreign: Whether it was trained elsewhere, so that any model of sentence-transformers will do.

    Raises:
        ModelFolderError: The folder is damaged, belongs to another base model, or says what is not allowed.
    """
    model = _load_foreign(base, device, trained) if foreign and trained else _load(base, device, trained)
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
    if trained is not None:
        refuse_links_and_pickles(trained)
    base_folder = read_base(Path(base.source))
    if trained is None:
        return _with_prompts(_open(base_folder, device, base.max_seq_length), base.prompts)
    if _is_adapter(trained):
        _refuse_other_base(base, trained)
        adapter = read_adapter(trained, base_folder)
        model = _open(base_folder, device, base.max_seq_length)
        _apply_adapter(model, trained, adapter, TRAIN_AGAIN)
        return _with_prompts(model.eval(), prompts_of_adapter(trained, base, TRAIN_AGAIN))
    folder = read_trained(trained)
    refuse_other_architecture(folder, base_folder)
    return _open(folder, device)


def _load_foreign(base: BaseModel, device: str, folder: Path) -> SentenceTransformer:
    if kind_of(folder) is FolderKind.FULL:
        return _open(read_base(folder), device)
    base_folder = read_base(Path(base.source))
    adapter = read_foreign_adapter(folder, base_folder, base.sha256)
    model = _open(base_folder, device, base.max_seq_length)
    _apply_adapter(model, folder, adapter, USE_ANOTHER)
    return _with_prompts(model.eval(), prompts_of_adapter(folder, base, USE_ANOTHER))


def _with_prompts(model: SentenceTransformer, prompts: Prompts) -> SentenceTransformer:
    """A model whose folder does not say what it reads before each text, or not alone."""
    keep_prompts(model, prompts)
    return model


def _is_adapter(trained: Path) -> bool:
    """Whether a trained folder is an adapter's; otherwise it holds full weights."""
    full, adapter = ((trained / name).is_file() for name in (WEIGHTS, ADAPTER_WEIGHTS))
    if not full and not adapter:
        raise ModelFolderError(f"{trained}: no {WEIGHTS} and no {ADAPTER_WEIGHTS}; {TRAIN_AGAIN}")
    if full and adapter:
        raise ModelFolderError(f"{trained}: holds {WEIGHTS} and {ADAPTER_WEIGHTS}, expected one; {TRAIN_AGAIN}")
    return adapter


def _open(folder: ModelFolder, device: str, limit: int | None = None) -> SentenceTransformer:
    """Load a folder; a full fine-tune's own files hold the limit of tokens that it was trained with."""
    with _library_at(folder.path, "cannot be loaded as a model", folder.remedy):
        import torch  # noqa: PLC0415 - heavy; not for --help
        import transformers  # noqa: PLC0415
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        model = SentenceTransformer(
            str(folder.path),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"dtype": torch.float32, "use_safetensors": True},
        )
        # the encoder has this type already; a word embedding keeps that of its file
        model = model.float().eval()
    if limit is not None:
        model.max_seq_length = limit
    refuse_missing_weights(model, folder)
    with _library_at(folder.path, "cannot embed a text", folder.remedy):
        refuse_useless(model, folder)
    return model


@contextmanager
def _library_at(folder: Path, what: str, remedy: str) -> Iterator[None]:
    """Let a library read a folder: any of its errors becomes one line, and no code of the working directory is found.

    Raises:
        ModelFolderError: The library failed.
    """
    try:
        with no_imports_from_here():
            yield
    except (PipelineError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    # a damaged file can raise any error, and those of Rust are no Exception
    except BaseException as error:
        if is_out_of_memory(error):
            raise
        raise ModelFolderError(f"{folder}: {what}: {first_line(error)}; {remedy}") from None


@contextmanager
def no_imports_from_here() -> Iterator[None]:
    """Take the working directory off the import path, as `python -P` does; modules that are imported already stay."""
    kept = sys.path.copy()
    here, installed = os.path.realpath(os.curdir), set(sysconfig.get_paths().values())
    sys.path[:] = [path for path in kept if path in installed or (path and os.path.realpath(path) != here)]
    try:
        yield
    finally:
        sys.path[:] = kept


def _refuse_other_base(base: BaseModel, trained: Path) -> None:
    record = read_json(trained / BASE_RECORD, TRAIN_AGAIN)
    if not isinstance(record, dict) or "sha256" not in record:
        raise ModelFolderError(f"{trained / BASE_RECORD}: damaged: sha256 is missing; {TRAIN_AGAIN}")
    if record["sha256"] != base.sha256:
        raise ModelFolderError(f"{trained}: the adapter belongs to another base model than {base.name}; {TRAIN_AGAIN}")


def _apply_adapter(model: SentenceTransformer, trained: Path, adapter: Adapter, remedy: str) -> None:
    with _library_at(trained, "the adapter cannot be loaded", remedy):
        from peft import LoraConfig  # noqa: PLC0415 - heavy

        # the library never reads the folder's own configuration
        config = LoraConfig(
            task_type="FEATURE_EXTRACTION",
            r=adapter.rank,
            lora_alpha=adapter.alpha,
            lora_dropout=adapter.dropout,
            target_modules=list(adapter.target_modules),
            exclude_modules=list(adapter.excluded) or None,
        )
        info = model.load_adapter(str(trained), peft_config=config)
    missing = [key for key in info.missing_keys if "lora_" in key]
    if missing or info.unexpected_keys:
        key = [*missing, *info.unexpected_keys][0]
        raise ModelFolderError(f"{trained}: the adapter does not fit the model ({quoted(key)}); {remedy}")
