"""The weights of all modules of a model, as a checkpoint holds them: one file for each module that has some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safetensors.torch import load_file

from ..core.errors import ModelError
from ..embedding.model_files import TRAIN_AGAIN, WEIGHTS
from ..embedding.model_folder_checks import network_of
from ..embedding.modules import read_modules
from .saved_state import refuse_other_tensors

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from sentence_transformers import SentenceTransformer


def load_weights(model: SentenceTransformer, checkpoint: Path) -> None:
    """Put the weights of a checkpoint into every module of a model.

    Args:
        model: The model that was saved there, whole.
        checkpoint: Folder of the checkpoint.

    Raises:
        ModelError: A weight is missing or does not fit.
        ArtifactError: A weight has another shape or type.
    """
    for module, entry in zip(model, read_modules(checkpoint, TRAIN_AGAIN), strict=True):
        if entry.has_weights:
            _load(network_of(module), checkpoint / entry.file(WEIGHTS))


def _load(network: torch.nn.Module, file: Path) -> None:
    weights, own = load_file(file), network.state_dict()
    refuse_other_tensors(weights, own)
    missing, unexpected = network.load_state_dict(weights, strict=False)
    # tied tensors are saved once
    there = {own[name].data_ptr() for name in weights if name in own}
    lacking = [name for name in missing if own[name].data_ptr() not in there]
    if lacking or unexpected:
        raise ModelError(f"{file}: does not fit the model: {[*lacking, *unexpected][0]}")
