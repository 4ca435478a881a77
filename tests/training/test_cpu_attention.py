from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

from src.training.cpu_attention import attend, use_bit_attention

if TYPE_CHECKING:
    from pathlib import Path

B, H, S, D = 8, 4, 16, 16
SMALL = {"vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}


def projections() -> tuple[torch.Tensor, torch.Tensor]:
    query, key = torch.randn(2, B, H, S, D)
    return query, key


def bert(share: float) -> BertModel:
    torch.manual_seed(0)
    return BertModel(BertConfig(**SMALL, hidden_dropout_prob=0.0, attention_probs_dropout_prob=share))


def unseen(keys: int) -> torch.Tensor:
    """A mask that hides the last keys of each text."""
    seen = torch.ones(B, 1, S, S, dtype=torch.bool)
    seen[..., S - keys :] = False
    return seen


@pytest.mark.parametrize("hidden", [0, 5])
def test_what_is_kept_of_the_softmax_is_scaled_up_and_a_share_of_it_is_zero(hidden: int) -> None:
    torch.manual_seed(0)
    query, key = projections()
    mask = unseen(hidden) if hidden else None
    scores = query @ key.transpose(2, 3) * 0.25
    whole = torch.softmax(scores if mask is None else scores.masked_fill(~mask, -torch.inf), dim=-1)

    # with the unit matrix for the values, what comes out is the softmax after dropout
    out, _ = attend(torch.nn.Module(), query, key, torch.eye(S).expand(B, H, S, D), mask, dropout=0.25, scaling=0.25)

    left = out.transpose(1, 2)[..., : S - hidden]
    kept = left != 0
    torch.testing.assert_close(left[kept], whole[..., : S - hidden][kept] / 0.75)
    assert kept.float().mean().item() == pytest.approx(0.75, abs=4 * (0.25 * 0.75 / kept.numel()) ** 0.5)
    assert not out.transpose(1, 2)[..., S - hidden :].any()


@pytest.mark.parametrize("hidden", [0, 5])
def test_without_dropout_it_is_the_attention_of_pytorch(hidden: int) -> None:
    torch.manual_seed(0)
    query, key = projections()
    value = torch.randn(B, H, S, D)
    mask = unseen(hidden) if hidden else None
    layer = torch.nn.Module()
    layer.is_causal = False  # type: ignore[assignment]

    out, _ = attend(layer, query, key, value, mask, dropout=0.0, scaling=0.3)

    same = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=0.3)
    assert torch.equal(out, same.transpose(1, 2))


def test_a_bert_gives_what_it_gave_when_it_does_not_train_and_is_saved_as_it_was(tmp_path: Path) -> None:
    network = bert(0.1).eval()
    tokens = {"input_ids": torch.randint(0, 50, (3, 7)), "attention_mask": torch.ones(3, 7).tril(4).long()}
    before = network(**tokens).last_hidden_state
    network.save_pretrained(tmp_path / "before")

    use_bit_attention(network)
    network.save_pretrained(tmp_path / "after")

    assert network.config._attn_implementation == "bit_dropout"
    assert torch.equal(network(**tokens).last_hidden_state, before)
    assert (tmp_path / "after" / "config.json").read_bytes() == (tmp_path / "before" / "config.json").read_bytes()


def test_a_bert_that_trains_drops_out_of_its_attention_and_padding_stays_unseen() -> None:
    network = bert(0.5).train()
    tokens = torch.randint(0, 50, (3, 7))
    mask = torch.ones(3, 7).tril(4).long()
    other = torch.where(mask == 1, tokens, 49 - tokens)
    use_bit_attention(network)

    drawn = []
    for seed, ids in ((1, tokens), (1, other), (2, tokens)):
        torch.manual_seed(seed)
        drawn.append(network(input_ids=ids, attention_mask=mask).last_hidden_state[mask == 1])

    assert torch.equal(drawn[0], drawn[1])
    assert not torch.allclose(drawn[0], drawn[2])


def test_another_kind_of_network_keeps_its_attention() -> None:
    network = DistilBertModel(DistilBertConfig(vocab_size=50, dim=32, n_layers=1, n_heads=4, hidden_dim=64))

    use_bit_attention(network)
    use_bit_attention(torch.nn.Linear(2, 2))

    assert network.config._attn_implementation == "sdpa"
