"""Precision of a training step: bfloat16 autocast where a short measurement shows that it is faster, else float32."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Literal

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from ..core.distributed import broadcast
from ..core.errors import UserInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentence_transformers import SentenceTransformer

WORTHWHILE = 1.3
_REPEATS = 12
_HOPELESS = 4  # times as slow
_PLANLESS = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]


def resolve_precision(wanted: Literal["auto", "fp32", "bf16"], device: str) -> Literal["fp32", "bf16"]:
    """Resolve `auto` to the faster precision on this device.

    Raises:
        UserInputError: bf16 was asked for on mps, where it is emulated.
    """
    if device == "mps":
        if wanted == "bf16":
            raise UserInputError("--precision bf16: only emulated on mps; use fp32")
        return "fp32"
    if wanted != "auto":
        return wanted
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    # several processes measure at once and may find different answers
    return "bf16" if broadcast(answer=bf16_speedup() >= WORTHWHILE) else "fp32"


@cache
def bf16_speedup() -> float:
    """Speed of a matrix product of the model's size in bfloat16, relative to float32, measured once a process.

    Where bfloat16 is emulated it takes many times as long, so the measurement ends when that is clear.
    """
    best = dict.fromkeys((torch.float32, torch.bfloat16), math.inf)
    for done in range(_REPEATS):
        for dtype in best:
            best[dtype] = min(best[dtype], _time_product(dtype))
        # the first product of each holds the preparation of its kernel
        if done and best[torch.bfloat16] > _HOPELESS * best[torch.float32]:
            break
    return best[torch.float32] / best[torch.bfloat16]


def _time_product(dtype: torch.dtype) -> float:
    left, right = torch.ones(512, 384, dtype=dtype), torch.ones(384, 1536, dtype=dtype)
    started = time.perf_counter()
    left @ right
    return time.perf_counter() - started


@contextmanager
def autocast(precision: str, device: str) -> Iterator[None]:
    """Autocast context of a training step."""
    if precision != "bf16":
        yield
        return
    # cuDNN plans its attention anew for each length of a batch, which takes longer than the step (docs/benchmarks.md)
    attention = sdpa_kernel(_PLANLESS) if device == "cuda" else nullcontext()
    with torch.autocast(device, torch.bfloat16), attention:
        yield


@contextmanager
def full_precision_pooling(model: SentenceTransformer) -> Iterator[None]:
    """Cast what each module gives to float32, so that pooling, cosine and loss are computed in full precision."""

    def widen(_module: object, _inputs: object, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        for name in {"token_embeddings", "sentence_embedding"} & features.keys():
            features[name] = features[name].float()
        return features

    hooks = [module.register_forward_hook(widen) for module in model]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
