"""The library's losses, with both sides of the pairs in one pass.

Which losses there are is `Loss` in `models.py`; another one of the library is one line there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from sentence_transformers.base.losses.merged_forward import embed_columns
from sentence_transformers.sentence_transformer import losses

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from ..models import Loss


class _OnePass(torch.nn.Module):
    """A loss of the library that embeds both sides of the pairs in one pass: two half-full ones cost more."""

    def __init__(self, loss: torch.nn.Module) -> None:
        super().__init__()
        self.loss: Any = loss

    @property
    def model(self) -> Any:  # noqa: ANN401 - the model, or what shares it between processes
        """The library's trainer looks here whether it has to put its shared model into the loss."""
        return self.loss.model

    def forward(self, sentence_features: list[dict[str, torch.Tensor]], labels: torch.Tensor) -> torch.Tensor:
        embeddings = embed_columns(self.loss.model, sentence_features, separate_first=False)
        value: torch.Tensor = self.loss.compute_loss_from_embeddings(embeddings, labels)
        return value


def one_pass_loss(loss: Loss, model: SentenceTransformer) -> torch.nn.Module:
    """A loss of the library, on both sides of the pairs at once."""
    return _OnePass(getattr(losses, loss.class_name)(model))
