"""Train only the used rows of the token embedding.

About half of the weights of a small model are its token embedding. Rows of tokens that occur in no text get no
gradient, but the optimizer reads and writes all rows in every step.
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


class UsedTokenEmbedding(torch.nn.Module):
    """Replaces a token embedding of V rows; W of the rows are trained, the others are frozen."""

    tokens: torch.Tensor  # (W,) ids of the used tokens
    places: torch.Tensor  # (V,) position of each token among the used ones, -1 for unused tokens

    def __init__(self, whole: torch.nn.Embedding, tokens: torch.Tensor) -> None:
        """Copy the used rows into a parameter of their own.

        Args:
            whole: The full embedding; it is frozen.
            tokens: (W,) ids of the used tokens, each once.
        """
        super().__init__()
        self.whole = whole.requires_grad_(requires_grad=False)
        self.rows = torch.nn.Parameter(whole.weight[tokens])
        places = torch.full((whole.num_embeddings,), -1, device=tokens.device)
        places[tokens] = torch.arange(len(tokens), device=tokens.device)
        self.register_buffer("tokens", tokens, persistent=False)
        self.register_buffer("places", places, persistent=False)
        self.padding = None if whole.padding_idx is None else int(places[whole.padding_idx])

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Embed token ids of any shape; all must be used tokens."""
        return functional.embedding(self.places[tokens], self.rows, self.padding)

    @torch.no_grad()
    def merge_rows(self) -> torch.nn.Embedding:
        """Write the trained rows into the full embedding and return it."""
        self.whole.weight[self.tokens] = self.rows
        return self.whole.requires_grad_()

    @torch.no_grad()
    def reload_rows(self) -> None:
        """Read the used rows from the full embedding again."""
        self.whole.requires_grad_(requires_grad=False)
        self.rows.copy_(self.whole.weight[self.tokens])


def train_used_tokens(model: SentenceTransformer, network: torch.nn.Module, texts: Sequence[str]) -> None:
    """Restrict a model to the tokens of some texts; only their embedding rows are trained.

    Nothing is done where that is not shown to be the same: where the embedding is of another kind, or a second module
    has the same weights.

    Args:
        model: The model with its tokenizer.
        network: The transformer, which holds the token embedding.
        texts: All texts that the model will embed outside of `full_embedding`.
    """
    whole = _own_embedding(network)
    if whole is None:
        return
    used = {whole.padding_idx} - {None}
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        batch = model.preprocess(list(texts[start : start + _TEXTS_AT_ONCE]))
        used.update(batch["input_ids"].flatten().tolist())
    tokens = torch.tensor(sorted(used), device=whole.weight.device)
    network.set_input_embeddings(UsedTokenEmbedding(whole, tokens))  # type: ignore[operator]


def _own_embedding(network: torch.nn.Module) -> torch.nn.Embedding | None:
    """The token embedding, if it is a plain one whose weights no other module has."""
    whole = _token_embedding(network)
    if type(whole) is not torch.nn.Embedding or whole.max_norm is not None or whole.scale_grad_by_freq or whole.sparse:
        return None
    places = [one for _, one in network.named_parameters(remove_duplicate=False) if one is whole.weight]
    return whole if len(places) == 1 else None


def _token_embedding(network: torch.nn.Module) -> object:
    """What embeds tokens; None in a model that is a word embedding alone."""
    return network.get_input_embeddings() if hasattr(network, "get_input_embeddings") else None  # type: ignore[operator]


@contextmanager
def full_embedding(network: torch.nn.Module) -> Iterator[None]:
    """Temporarily restore the full embedding matrix, to save, load or count it; changed rows are kept."""
    embedding = _token_embedding(network)
    if not isinstance(embedding, UsedTokenEmbedding):
        yield
        return
    network.set_input_embeddings(embedding.merge_rows())  # type: ignore[operator]
    try:
        yield
    finally:
        embedding.reload_rows()
        network.set_input_embeddings(embedding)  # type: ignore[operator]
