"""The files of a model folder: their names, and how one is read before a library opens it."""

from __future__ import annotations

import json
import os
import stat
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..core.errors import ModelFolderError, PipelineError, first_line, printable
from ..storage.files import TEXT_LIMIT, open_regular, real_path, whole
from ..storage.tensors import FLOATS, Tensor, first_not_finite, read_tensors
from .allowed_config import Table, refuse_other_settings

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS = "model.safetensors"
CONFIG = "config.json"
MODULES = "modules.json"
MODEL_SETTINGS = "config_sentence_transformers.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"
BASE_RECORD = "base_model.json"
TRAIN_AGAIN = "train the model again"
USE_ANOTHER = "use a complete model"
TOKENIZERS = (
    *("tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model"),
    *("spiece.model", "sentencepiece.bpe.model"),
)
PICKLES = frozenset({".bin", ".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth"})
_TEXTS = frozenset({".json", ".model", ".txt", ".md", ".jinja"})
# counts that old files keep beside the weights; the libraries make them anew
_COUNTERS = ("position_ids", "token_type_ids")
_QUOTE_LIMIT = 80


def read_settings(path: Path, table: Table, remedy: str) -> dict[str, Any]:
    """A configuration file that says what its table allows.

    Args:
        path: The file; it may be a link.
        table: What it may say.
        remedy: What to do where it says more, for the message.

    Raises:
        ModelFolderError: It says more, is damaged, or is not there.
    """
    return refuse_other_settings(path, read_json(path, remedy), table, remedy)


def read_settings_if_there(path: Path, table: Table, remedy: str) -> dict[str, Any]:
    """As `read_settings`; an empty configuration where there is no such file."""
    return read_settings(path, table, remedy) if os.path.lexists(path) else {}


def read_json(path: Path, remedy: str) -> Any:  # noqa: ANN401 - any JSON
    """What a JSON file of at most 256 MB holds.

    Raises:
        ModelFolderError: It is not there, no regular file, or no JSON.
    """
    try:
        # a base model may be a folder of links; in our folders they were refused before
        with open_regular(real_path(path)) as file:
            return json.loads(whole(file).decode("utf-8"))
    except FileNotFoundError:
        raise ModelFolderError(f"{path}: missing; {remedy}") from None
    except OSError as error:
        raise damaged(path, error, remedy) from None
    except (ValueError, RecursionError) as error:
        raise ModelFolderError(f"{path}: damaged: {first_line(error)}; {remedy}") from None


def read_weights(path: Path, remedy: str) -> dict[str, Tensor]:
    """What a file of weights declares, once every tensor was found to hold finite floating-point values.

    Raises:
        ModelFolderError: It is not there, damaged, or holds something else.
    """
    try:
        place = real_path(path)
        known = place.stat()
        tensors, bad = _checked_tensors(place, known.st_ino, known.st_size, known.st_mtime_ns, known.st_ctime_ns)
    except FileNotFoundError:
        raise ModelFolderError(f"{path}: missing; {remedy}") from None
    except OSError as error:
        raise damaged(path, error, remedy) from None
    except PipelineError as error:
        raise ModelFolderError(f"{path}: {str(error).removeprefix(f'{place}: ')}; {remedy}") from None
    if bad:
        raise ModelFolderError(f"{path}: the tensor {quoted(bad)} has values that are not finite; {remedy}")
    for name, tensor in tensors.items():
        if tensor.dtype not in FLOATS and not name.endswith(_COUNTERS):
            raise ModelFolderError(f"{path}: the tensor {quoted(name)} holds {tensor.dtype}, no weights; {remedy}")
    return tensors


@lru_cache(maxsize=16)
def _checked_tensors(place: Path, *_unchanged: int) -> tuple[dict[str, Tensor], str]:
    """What a file declares, and its first tensor that is not finite; one command reads a file several times."""
    tensors = read_tensors(place)
    return tensors, first_not_finite(place, tensors)


def refuse_special_files(place: Path, remedy: str) -> None:
    """Refuse pipes, devices, links that lead nowhere and texts of absurd size: a library would wait, or read for ever.

    Args:
        place: A folder; what lies in folders below it is not looked at.
        remedy: What to do, for the message.

    Raises:
        ModelFolderError: There is one.
    """
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        try:
            found = real_path(path).stat()
        except OSError as error:
            raise damaged(path, error, remedy) from None
        if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
            raise ModelFolderError(f"{path}: damaged: it is no regular file; {remedy}")
        if path.suffix in _TEXTS and found.st_size > TEXT_LIMIT:
            raise ModelFolderError(
                f"{path}: damaged: it has {found.st_size} bytes, at most {TEXT_LIMIT} are expected; {remedy}"
            )


def refuse_links_and_pickles(folder: Path) -> None:
    """Refuse a trained folder that holds a link, a pickle or something else that is no regular file, at any depth.

    Raises:
        ModelFolderError: There is one.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise ModelFolderError(f"{path}: a link, which is not followed; {TRAIN_AGAIN}")
        if path.suffix in PICKLES:
            raise a_pickle(path)
        if not path.is_dir() and not path.is_file():
            raise ModelFolderError(f"{path}: damaged: it is no regular file; {TRAIN_AGAIN}")


def has_tokenizer(folder: Path) -> bool:
    """Whether a folder has a tokenizer; without one, the library makes a tokenizer with an empty vocabulary."""
    return any((folder / name).is_file() for name in TOKENIZERS)


def a_pickle(path: Path) -> ModelFolderError:
    """The refusal of a pickle."""
    return ModelFolderError(f"{path}: a pickle can run code and is never opened; only safetensors are")


def damaged(path: Path, error: OSError, remedy: str) -> ModelFolderError:
    """The refusal of a file that the system cannot read."""
    return ModelFolderError(f"{path}: damaged: {error.strerror or first_line(error)}; {remedy}")


def quoted(text: str) -> str:
    """A name out of a model folder, as a message may show it."""
    return printable(text, _QUOTE_LIMIT)
