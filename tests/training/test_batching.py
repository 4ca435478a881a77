from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from datasets import Dataset
from sentence_transformers.base.sampler import DefaultBatchSampler

from src.embedding.base_model import resolve_base_model
from src.embedding.loading import loaded_model
from src.training.batching import WINDOW_BATCHES, LengthGroupedBatchSampler, pair_lengths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tests.conftest import PairSetFactory

SIZES = [(1, 16), (15, 16), (16, 16), (17, 16), (300, 16), (300, 1), (257, 2), (100, 4096)]


def sampler(n: int, batch_size: int, seed: int = 42, *, drop_last: bool = False) -> LengthGroupedBatchSampler:
    """For N pairs of 10 to 200 tokens."""
    return LengthGroupedBatchSampler(
        Dataset.from_dict({"sentence1": ["x"] * n}),
        batch_size=batch_size,
        drop_last=drop_last,
        valid_label_columns=["label"],
        generator=torch.Generator(),
        seed=seed,
        lengths=np.random.default_rng(0).integers(10, 200, n).tolist(),
    )


def padded_tokens(batches: Iterable[list[int]], lengths: Sequence[int]) -> int:
    return sum(
        max(lengths[row] for row in batch) * len(batch) - sum(lengths[row] for row in batch) for batch in batches
    )


@pytest.mark.parametrize(("n", "batch_size"), SIZES)
def test_an_epoch_has_every_row_once(n: int, batch_size: int) -> None:
    made = sampler(n, batch_size)
    for epoch in (0, 1):
        made.set_epoch(epoch)
        assert sorted(chain.from_iterable(made)) == list(range(n))


@pytest.mark.parametrize(("n", "batch_size"), SIZES)
def test_there_are_as_many_batches_as_announced_and_only_one_may_be_short(n: int, batch_size: int) -> None:
    made = sampler(n, batch_size)
    sizes = sorted(len(batch) for batch in made)

    assert len(sizes) == len(made) == -(-n // batch_size)
    assert sizes[1:] == [batch_size] * (len(sizes) - 1)


@pytest.mark.parametrize(("n", "batch_size"), SIZES)
def test_no_row_is_dropped_where_every_batch_has_to_be_full(n: int, batch_size: int) -> None:
    made = sampler(n, batch_size, drop_last=True)
    batches = list(made)

    assert [len(batch) for batch in batches] == [batch_size] * len(made) == [batch_size] * -(-n // batch_size)
    assert set(chain.from_iterable(batches)) == set(range(n))


def test_epochs_differ_in_the_order_and_in_who_meets_whom() -> None:
    made = sampler(300, 16)
    epochs = []
    for epoch in range(3):
        made.set_epoch(epoch)
        epochs.append(list(made))
    together = [{frozenset(batch) for batch in batches} for batches in epochs]

    assert epochs[0] != epochs[1] != epochs[2]
    assert not together[0] & together[1]
    assert not together[1] & together[2]


def test_the_same_seed_and_epoch_give_the_same_order_and_another_seed_another() -> None:
    first, second, other = sampler(300, 16), sampler(300, 16), sampler(300, 16, seed=7)
    for made in (first, second, other):
        made.set_epoch(2)

    assert list(first) == list(second)
    assert list(first) == list(first)
    assert list(first) != list(other)


def test_the_first_epochs_do_not_change_a_later_one() -> None:
    resumed, whole = sampler(300, 16), sampler(300, 16)
    list(whole)
    for made in (resumed, whole):
        made.set_epoch(3)

    assert list(resumed) == list(whole)


def test_batches_pad_less_than_half_of_what_the_plain_sampler_pads() -> None:
    grouped = sampler(1195, 16)
    generator = torch.Generator().manual_seed(0)
    plain = DefaultBatchSampler(
        torch.utils.data.RandomSampler(range(1195), generator=generator), batch_size=16, drop_last=False
    )

    assert padded_tokens(grouped, grouped.lengths) < 0.5 * padded_tokens(plain, grouped.lengths)


def test_a_pair_is_as_long_as_the_tokens_of_its_longer_text(tiny_model: Path, pair_set: PairSetFactory) -> None:
    words = [["tea", "we both love tea a lot"], ["no tea", "tea"]]
    with loaded_model(resolve_base_model(str(tiny_model)), "cpu") as model:
        single = [[len(model.tokenizer(text)["input_ids"]) for text in side] for side in words]

        assert pair_lengths(model, pair_set(*words)) == [single[1][0], single[0][1]]
        assert single[1][0] > single[0][0]
        del model


def test_a_text_that_the_model_cuts_off_is_as_long_as_what_is_left(tiny_model: Path, pair_set: PairSetFactory) -> None:
    with loaded_model(resolve_base_model(str(tiny_model)), "cpu") as model:
        assert pair_lengths(model, pair_set(["tea " * 5000], ["tea"])) == [model.max_seq_length]
        del model


def test_the_length_of_a_batch_does_not_tell_when_it_comes() -> None:
    made = sampler(16 * WINDOW_BATCHES * 8, 16)
    longest = [max(made.lengths[row] for row in batch) for batch in made]

    # sorted windows, left in their order, would have a correlation near 1 with the place in the window
    place = [i % WINDOW_BATCHES for i in range(len(longest))]
    assert abs(np.corrcoef(place, longest)[0, 1]) < 0.4
