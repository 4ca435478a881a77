"""Attention with 16-bit dropout for training on a CPU, where PyTorch's attention with dropout takes a slow path."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from .cpu_dropout import bit_dropout

_NAME = "bit_dropout"


def attend(  # noqa: PLR0917 - the library's interface
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    dropout: float = 0.0,
    scaling: float = 1.0,
    **others: Any,  # noqa: ANN401 - what the library hands to every kind
) -> tuple[torch.Tensor, None]:
    """softmax(Q K^T * scaling) V with dropout of the softmax (Vaswani et al. 2017).

    Args:
        module: The layer, as the library hands it on.
        query: (B, H, S, D)
        key: (B, H, S, D)
        value: (B, H, S, D)
        attention_mask: Boolean, broadcast to (B, H, S, S): which keys a query sees, at least one; None for all.
        dropout: Share of the softmax to zero; with 0, as outside of a training, PyTorch's attention is used.
        scaling: What the products are multiplied by.
        others: What PyTorch's attention may want to know.

    Returns:
        (B, S, H, D), and None in place of the softmax.
    """
    if not dropout:
        out: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **others
        )
        return out
    scores = (query * scaling) @ key.transpose(2, 3)
    if attention_mask is not None:
        scores = scores.masked_fill(~attention_mask, -torch.inf)
    shares = bit_dropout(torch.softmax(scores, dim=-1), dropout)
    return (shares @ value).transpose(1, 2), None


def use_bit_attention(network: torch.nn.Module) -> None:
    """Use this attention in a BERT on the CPU; other networks keep their attention."""
    if not isinstance(network, PreTrainedModel):
        return
    if network.config.model_type == "bert" and network.config._attn_implementation == "sdpa":  # noqa: SLF001 - told nowhere else
        AttentionInterface.register(_NAME, attend)
        AttentionMaskInterface.register(_NAME, sdpa_mask)
        network.set_attn_implementation(_NAME)
