"""Train only the rows of the word embedding that can change.

Half of the weights of a small model are its word embedding. The rows of words that no text holds get no gradient, yet
an optimizer reads and writes all of them, twice over, at every step.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentence_transformers import SentenceTransformer

_TEXTS_AT_ONCE = 1_000


class OccurringWords(torch.nn.Module):
    """Stands in for a word embedding of V rows: W of them are trained, the others stay as they are."""

    words: torch.Tensor  # (W,) token numbers
    places: torch.Tensor  # (V,) where each token stands among the words, -1 where it does not

    def __init__(self, whole: torch.nn.Embedding, words: torch.Tensor) -> None:
        """Take the rows out.

        Args:
            whole: The embedding, frozen from now on.
            words: (W,) token numbers, each once.
        """
        super().__init__()
        self.whole = whole.requires_grad_(requires_grad=False)
        self.rows = torch.nn.Parameter(whole.weight[words])
        places = torch.full((whole.num_embeddings,), -1, device=words.device)
        places[words] = torch.arange(len(words), device=words.device)
        self.register_buffer("words", words, persistent=False)
        self.register_buffer("places", places, persistent=False)
        self.padding = None if whole.padding_idx is None else int(places[whole.padding_idx])

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Embed token numbers of any shape, all of them among the words."""
        return functional.embedding(self.places[tokens], self.rows, self.padding)

    @torch.no_grad()
    def put_back(self) -> torch.nn.Embedding:
        """The whole embedding with the rows as they are now."""
        self.whole.weight[self.words] = self.rows
        return self.whole.requires_grad_()

    @torch.no_grad()
    def take_out(self) -> None:
        """Go on from the rows of the whole embedding."""
        self.whole.requires_grad_(requires_grad=False)
        self.rows.copy_(self.whole.weight[self.words])


def train_occurring_words(model: SentenceTransformer, network: torch.nn.Module, texts: Sequence[str]) -> None:
    """From now on the model embeds the words of these texts alone, and trains no others.

    Args:
        model: Cuts texts into tokens.
        network: The part of it that holds the word embedding.
        texts: All that the model will be given, but for inside of `whole_words`.
    """
    whole = network.get_input_embeddings()  # type: ignore[operator]
    tokens = {whole.padding_idx} - {None}
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        batch = model.preprocess(list(texts[start : start + _TEXTS_AT_ONCE]))
        tokens.update(batch["input_ids"].flatten().tolist())
    words = torch.tensor(sorted(tokens), device=whole.weight.device)
    network.set_input_embeddings(OccurringWords(whole, words))  # type: ignore[operator]


@contextmanager
def whole_words(network: torch.nn.Module) -> Iterator[None]:
    """Have the whole word embedding in its place, to save it, load it or count it; it may be another one afterwards."""
    stand_in = network.get_input_embeddings()  # type: ignore[operator]
    if not isinstance(stand_in, OccurringWords):
        yield
        return
    network.set_input_embeddings(stand_in.put_back())  # type: ignore[operator]
    try:
        yield
    finally:
        stand_in.take_out()
        network.set_input_embeddings(stand_in)  # type: ignore[operator]
