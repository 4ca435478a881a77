"""What a model reads before each text: as its folder says it, as it is kept in a folder, and what cannot be used.

Everything that embeds a text puts the prompt before it first (`Prompts.before`), so that a model gets whole texts.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ..core.errors import ModelFolderError, UserInputError, printable
from ..models import Prompts
from .allowed_config import POOLING, SENTENCE_TRANSFORMER
from .model_files import CONFIG, MODEL_SETTINGS, MODULES, USE_ANOTHER, quoted, read_settings_if_there
from .modules import read_modules
from .tokenizer import base_tokenizer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from .base_model import BaseModel

# names under which folders keep them; the first one that is there counts
_FIRST, _SECOND = ("query",), ("document", "passage", "corpus")
_SHOWN = 200  # characters of a prompt
# stands for any text
_A_TEXT = "a"


def prompts_of(folder: Path, remedy: str) -> Prompts:
    """The prompts of a model's folder: its default prompt before both texts, else those of queries and documents.

    Args:
        folder: The folder.
        remedy: What to do where they are wrong, for the message.

    Raises:
        ModelFolderError: They are damaged, or the default one is not among them.
    """
    file = folder / MODEL_SETTINGS
    settings = read_settings_if_there(file, SENTENCE_TRANSFORMER, remedy)
    texts, default = settings.get("prompts", {}), settings.get("default_prompt_name")
    # the library adds empty ones under these names
    if default is not None and default not in {**texts, "query": "", "document": ""}:
        raise ModelFolderError(f"{file}: there is no prompt {quoted(default)}, the default one; {remedy}")
    names = (_FIRST, _SECOND) if default is None else ((default,), (default,))
    first, second = (next((texts[name] for name in wanted if name in texts), "") for wanted in names)
    try:
        return Prompts(prompt_1=first, prompt_2=second)
    except ValidationError:
        raise ModelFolderError(f"{file}: damaged: a prompt is no text of Unicode; {remedy}") from None


def prompts_of_adapter(folder: Path, base: BaseModel, remedy: str) -> Prompts:
    """The prompts of an adapter: its own where its folder is one of sentence-transformers, else its base model's."""
    return prompts_of(folder, remedy) if os.path.lexists(folder / MODULES) else base.prompts


def keep_prompts(model: SentenceTransformer, prompts: Prompts) -> None:
    """Have a model save its prompts, under the names of queries and documents; one of both texts is its default too.

    Args:
        model: The model.
        prompts: What it reads before each text.
    """
    first, second = prompts.prompt_1, prompts.prompt_2
    model.prompts = {**model.prompts, _FIRST[0]: first, _SECOND[0]: second}
    model.default_prompt_name = _FIRST[0] if first and first == second else None


def refuse_prompts(base: BaseModel, prompts: Prompts, remedy: str) -> None:
    """Refuse prompts that a base model, and what is trained from it, cannot read before a text.

    Args:
        base: The base model.
        prompts: What is to stand before each text.
        remedy: What to do where pooling leaves prompts out, for the message.

    Raises:
        UserInputError: A prompt leaves no room for a text.
        ModelFolderError: Pooling leaves prompts out, or a configuration of the model is damaged.
    """
    texts = [prompt for prompt in (prompts.prompt_1, prompts.prompt_2) if prompt]
    if not texts:
        return
    refuse_pooling_without_prompts(Path(base.source), remedy)
    tokenizer = base_tokenizer(base)
    long = tokenizer.count([prompt + _A_TEXT for prompt in texts]).long if tokenizer else ()
    if tokenizer and any(long):
        shown = quoted(texts[list(long).index(True)])
        raise UserInputError(
            f"the prompt {shown!r} fills the {tokenizer.limit} tokens that the model reads and leaves none for a text; "
            "give a shorter one"
        )


def refuse_pooling_without_prompts(folder: Path, remedy: str) -> None:
    """Refuse a model whose pooling leaves prompts out: here a prompt is a part of the text.

    Args:
        folder: The model's folder.
        remedy: What to do, for the message.

    Raises:
        ModelFolderError: It does, or a configuration is damaged.
    """
    poolings = [module for module in read_modules(folder, USE_ANOTHER) if module.kind == "Pooling"]
    for file in (folder / module.path / CONFIG for module in poolings):
        if not read_settings_if_there(file, POOLING, USE_ANOTHER).get("include_prompt", True):
            raise ModelFolderError(
                f"{file}: include_prompt is false: pooling leaves prompts out, which is not supported; {remedy}"
            )


def shown(prompt: str) -> str:
    """A prompt between quotation marks, which show where it ends."""
    return f"“{printable(prompt, _SHOWN)}”" if prompt else "nothing"


def told(name: str, prompts: Prompts) -> str:
    """What a model reads before each text, in one line."""
    first, second = shown(prompts.prompt_1), shown(prompts.prompt_2)
    both = f"{first} before each text" if first == second else f"{first} before text 1 and {second} before text 2"
    return f"{name} reads {both}"
