"""Batches of pairs with similar numbers of tokens, to reduce padding; the order of the batches is random."""

from __future__ import annotations

import math
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import torch
from sentence_transformers.base.sampler import DefaultBatchSampler

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentence_transformers import SentenceTransformer

    from ..models import PairSet

WINDOW_BATCHES = 16
_TEXTS_AT_ONCE = 1_000


class LengthGroupedBatchSampler(DefaultBatchSampler):
    """Shuffles all pairs, sorts by length within windows of 16 batches, and shuffles the batches.

    The windows are drawn again in each epoch, so the batches differ from epoch to epoch. No pair is dropped: if the
    library asks for full batches (`drop_last`, when several processes share a batch), some pairs come twice.
    """

    def __init__(
        self,
        dataset: Any,  # noqa: ANN401 - the library's signature
        batch_size: int,
        drop_last: bool,  # noqa: FBT001
        *,
        lengths: Sequence[int],
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Set up the sampler; `lengths` are the numbers of tokens of the pairs, in the order of the dataset."""
        super().__init__(dataset, batch_size=batch_size, drop_last=drop_last, **options)
        self.lengths = lengths

    def __len__(self) -> int:
        """Number of batches in an epoch."""
        return math.ceil(len(self.lengths) / self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        """Batches of row numbers; each row comes once, unless full batches are asked for."""
        if self.generator is not None and self.seed is not None:
            self.generator.manual_seed(self.seed + self.epoch)
        order = torch.randperm(len(self.lengths), generator=self.generator).tolist()
        size = self.batch_size * WINDOW_BATCHES
        ordered = [
            row
            for start in range(0, len(order), size)
            for row in sorted(order[start : start + size], key=self.lengths.__getitem__)
        ]
        if self.drop_last:
            ordered += islice(cycle(order), -len(order) % self.batch_size)
        batches = [ordered[start : start + self.batch_size] for start in range(0, len(ordered), self.batch_size)]
        for position in torch.randperm(len(batches), generator=self.generator).tolist():
            yield batches[position]


def pair_lengths(model: SentenceTransformer, pairs: PairSet) -> list[int]:
    """Number of tokens of the longer text of each pair, shape (N,), truncated as the model truncates.

    All are 0 where the model pads no text: there sorting gains nothing. Batches sorted by characters would pad up to
    twice as much as batches sorted by tokens.
    """
    sides = (_lengths(model, pairs.text_1), _lengths(model, pairs.text_2))
    return [max(both) for both in zip(*sides, strict=True)]


def _lengths(model: SentenceTransformer, texts: Sequence[str]) -> list[int]:
    lengths: list[int] = []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        block = list(texts[start : start + _TEXTS_AT_ONCE])
        mask = model.preprocess(block).get("attention_mask")
        lengths += [0] * len(block) if mask is None else mask.sum(dim=1).tolist()
    return lengths
