from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from src.embedding.encoder import encode_texts
from src.embedding.loading import loaded_model
from src.embedding.model_folder_checks import network_of
from src.training.used_tokens import UsedTokenEmbedding, full_embedding, train_used_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentence_transformers import SentenceTransformer

    from src.workflow.context import RunContext

TEXTS = ["boy: i love tea", "girl: no tea for me, thank you"]
STEPS = 3


@pytest.fixture
def model(context: RunContext) -> Iterator[SentenceTransformer]:
    with loaded_model(context.base, "cpu") as loaded:
        yield loaded


def steps_of_adamw(model: SentenceTransformer, weight_decay: float) -> None:
    """Pull the two texts apart, without dropout, so that two ways of training can be compared."""
    model.eval()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-2, weight_decay=weight_decay)
    for _ in range(STEPS):
        first, second = model(model.preprocess(TEXTS))["sentence_embedding"]
        optimizer.zero_grad()
        (first @ second).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()


def state(model: SentenceTransformer) -> dict[str, torch.Tensor]:
    with full_embedding(network_of(model[0])):
        return {name: value.clone() for name, value in network_of(model[0]).state_dict().items()}


def test_without_weight_decay_the_weights_are_those_of_a_training_of_all_rows(context: RunContext) -> None:
    states = []
    for occurring in (False, True):
        with loaded_model(context.base, "cpu") as model:
            if occurring:
                train_used_tokens(model, network_of(model[0]), TEXTS)
            steps_of_adamw(model, 0.0)
            states.append(state(model))
            del model

    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        torch.testing.assert_close(states[1][name], value, msg=name)


def test_words_that_no_text_holds_stay_as_they_are_to_the_bit(model: SentenceTransformer) -> None:
    before = state(model)["embeddings.word_embeddings.weight"]
    held = set(model.preprocess(TEXTS)["input_ids"].flatten().tolist())
    padding = network_of(model[0]).get_input_embeddings().padding_idx  # type: ignore[operator]
    train_used_tokens(model, network_of(model[0]), TEXTS)

    steps_of_adamw(model, 0.1)

    after = state(model)["embeddings.word_embeddings.weight"]
    changed = (after != before).any(dim=1).nonzero().flatten()
    assert set(changed.tolist()) == held - {padding}


def test_the_texts_are_embedded_as_before(model: SentenceTransformer) -> None:
    before = encode_texts(model, TEXTS)

    train_used_tokens(model, network_of(model[0]), TEXTS)

    assert encode_texts(model, TEXTS) == pytest.approx(before, abs=0)


def test_only_the_rows_of_the_texts_and_of_the_padding_are_trained(model: SentenceTransformer) -> None:
    padding = network_of(model[0]).get_input_embeddings().padding_idx  # type: ignore[operator]
    train_used_tokens(model, network_of(model[0]), TEXTS)

    stand_in = network_of(model[0]).get_input_embeddings()  # type: ignore[operator]
    assert isinstance(stand_in, UsedTokenEmbedding)
    assert set(stand_in.tokens.tolist()) == {*model.preprocess(TEXTS)["input_ids"].flatten().tolist(), padding}
    assert stand_in.rows.requires_grad
    assert not stand_in.whole.weight.requires_grad


def test_weights_that_are_loaded_into_the_whole_embedding_are_trained_on(model: SentenceTransformer) -> None:
    network = network_of(model[0])
    train_used_tokens(model, network, TEXTS)

    with full_embedding(network), torch.no_grad():
        whole = network.get_input_embeddings()  # type: ignore[operator]
        assert isinstance(whole, torch.nn.Embedding)
        assert whole.weight.requires_grad
        whole.weight.fill_(0.25)

    stand_in = network.get_input_embeddings()  # type: ignore[operator]
    assert stand_in.rows.unique().tolist() == [0.25]
    assert not stand_in.whole.weight.requires_grad
