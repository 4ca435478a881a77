"""Sentences about models that were trained elsewhere."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ..models import FolderKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS: Mapping[FolderKind, str] = MappingProxyType(
    {FolderKind.FULL: "all weights", FolderKind.ADAPTER: "LoRA adapter of the base model"}
)
HOW_CHOSEN = "not known: trained elsewhere"
OTHER_WIDTH = "its embeddings have another width than the base model's"
NOTE = (
    "Nobody here saw their training. If they were trained on these eval pairs, or their checkpoint was chosen on them, "
    "their scores are too good."
)


def of_models(names: Sequence[str]) -> str:
    """What is not known of some models."""
    return (
        f"{', '.join(names)}: how the checkpoint was chosen is {HOW_CHOSEN}. If any of these pairs were used there, "
        "the scores on them are too good."
    )
