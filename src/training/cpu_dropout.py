"""Dropout with masks from 16 random bits an element, which a CPU draws faster than PyTorch's random floats."""

from __future__ import annotations

import torch

_LEVELS = 2**16


class BitDropout(torch.nn.Dropout):
    """`torch.nn.Dropout` with the probability rounded to 1/65536."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Zero each value with probability `p` in training, and scale the others by 1 / (1 - p)."""
        return bit_dropout(values, self.p) if self.training and self.p else values


def bit_dropout(values: torch.Tensor, share: float) -> torch.Tensor:
    """Zero each value with probability `share` and scale the others by 1 / (1 - share)."""
    # PyTorch's global generator is part of a checkpoint, so a resumed training draws the same masks
    bits = torch.empty((values.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
    levels = bits.view(torch.int16)[: values.numel()].view(values.shape)
    kept = levels >= round(share * _LEVELS) - _LEVELS // 2
    return values * (kept.to(values.dtype) / (1 - share))


def use_bit_dropout(network: torch.nn.Module) -> None:
    """Replace all dropout modules of a network on the CPU; other devices draw random numbers fast."""
    for module in list(network.modules()):
        for name, child in module.named_children():
            if type(child) is torch.nn.Dropout:
                setattr(module, name, BitDropout(child.p))
