from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.embedding.encoder import batches, encode_texts
from src.embedding.loading import loaded_model

if TYPE_CHECKING:
    from src.workflow.context import RunContext


@pytest.mark.parametrize(
    ("lengths", "most", "expected"),
    [
        ([], 10, []),
        ([5, 5, 5], 10, [[0, 1], [2]]),
        ([2, 9, 3, 3], 9, [[1], [2, 3, 0]]),  # longest first: 3 texts of 3 tokens with their padding
        ([50, 4], 10, [[0], [1]]),  # a text longer than a batch
        ([0, 0, 0], 10, [[0, 1, 2]]),  # a model that pads nothing
    ],
)
def test_a_batch_has_as_many_texts_as_its_padded_tokens_allow(
    lengths: list[int], most: int, expected: list[list[int]]
) -> None:
    assert list(batches(lengths, most)) == expected


@pytest.mark.parametrize("length", [0, 1])
def test_a_batch_of_very_short_texts_is_limited_too(length: int) -> None:
    assert [len(rows) for rows in batches([length] * 600, 10_000)] == [256, 256, 88]


def test_the_progress_counts_every_text_once(context: RunContext) -> None:
    texts = [f"boy: {'tea ' * (row % 40)}{row}" for row in range(90)]
    done: list[int] = []

    with loaded_model(context.base, "cpu") as model:
        encode_texts(model, texts, done.append)
        del model

    assert sum(done) == len(texts)
    assert len(done) > 1
