from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from sentence_transformers.sentence_transformer import losses

from src.embedding.loading import loaded_model
from src.models import Loss
from src.training.losses import one_pass_loss

if TYPE_CHECKING:
    from src.workflow.context import RunContext

SIDES = [["boy: i love tea", "boy: hm"], ["girl: no tea for me, thank you", "girl: yes"]]
LABELS = [1.0, 0.0]


@pytest.mark.parametrize(
    ("name", "library"),
    [
        ("cosine", losses.CosineSimilarityLoss),
        ("contrastive", losses.ContrastiveLoss),
        ("online-contrastive", losses.OnlineContrastiveLoss),
        ("cosent", losses.CoSENTLoss),
    ],
)
def test_both_sides_of_the_pairs_go_through_the_model_at_once_and_the_loss_is_the_librarys(
    context: RunContext, name: str, library: type[torch.nn.Module]
) -> None:
    with loaded_model(context.base, "cpu") as model:
        passes = []
        hook = model[0].register_forward_pre_hook(lambda _, inputs: passes.append(len(inputs[0]["input_ids"])))
        ours, theirs = (
            loss([model.preprocess(side) for side in SIDES], torch.tensor(LABELS))
            for loss in (one_pass_loss(Loss(name), model), library(model))
        )
        hook.remove()
        del model

    assert passes == [4, 2, 2]
    assert ours.item() == pytest.approx(theirs.item(), abs=1e-6)


@pytest.mark.parametrize("loss", list(Loss))
def test_every_loss_of_a_recipe_can_be_computed_in_one_pass(loss: Loss) -> None:
    library = getattr(losses, loss.class_name)

    assert issubclass(library, torch.nn.Module)
    assert callable(library.compute_loss_from_embeddings)
