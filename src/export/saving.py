"""A model as a plain folder of sentence-transformers: an adapter merged, modules under names that all versions know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..embedding.model_files import MODULES
from ..storage.files import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from sentence_transformers import SentenceTransformer

_MODULE = "sentence_transformers.models."


def save_plain(model: SentenceTransformer, folder: Path) -> None:
    """Write a model without an adapter.

    Versions of the library before 6 do not know the names that it writes today; all versions know the old ones.

    Args:
        model: The model.
        folder: Where it goes.
    """
    model.save_pretrained(str(folder), create_model_card=False)
    file = folder / MODULES
    entries = json.loads(file.read_text(encoding="utf-8"))
    named = [entry | {"type": _MODULE + entry["type"].rpartition(".")[2]} for entry in entries]
    write_text(file, json.dumps(named, indent=2) + "\n")


def merge_adapter(model: SentenceTransformer) -> None:
    """Add the adapter's updates to the weights. A model without an adapter stays as it is.

    Args:
        model: As loaded; it gives the same embeddings afterwards, but for rounding.
    """
    from peft.tuners.lora import LoraLayer  # noqa: PLC0415 - heavy; not for --help

    network: Any = model[0].model
    adapted = [(name, layer) for name, layer in network.named_modules() if isinstance(layer, LoraLayer)]
    for name, layer in adapted:
        layer.merge(safe_merge=True)
        network.set_submodule(name, layer.get_base_layer())
    if adapted:
        # a network that never had an adapter: the library would save the old one under other names
        plain = type(network)(network.config)
        plain.load_state_dict(network.state_dict())
        model[0].model = plain.to(network.device).eval()
