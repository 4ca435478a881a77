from __future__ import annotations

import pytest
import torch

from src.training.cpu_dropout import BitDropout, use_bit_dropout

N = 1_000_003  # no multiple of the four elements that share a drawn number


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_share_of_the_values_is_zeroed_and_the_others_are_scaled_up(share: float, dtype: torch.dtype) -> None:
    torch.manual_seed(0)

    values = BitDropout(share)(torch.ones(N, dtype=dtype))

    four_errors = 4 * (share * (1 - share) / N) ** 0.5
    assert (values == 0).float().mean().item() == pytest.approx(share, abs=four_errors)
    assert values[values != 0].unique().float().tolist() == pytest.approx([1 / (1 - share)], rel=0.01)


def test_neighbours_are_zeroed_independently() -> None:
    torch.manual_seed(0)

    zeroed = (BitDropout(0.1)(torch.ones(4 * (N // 4))) == 0).view(-1, 4).double()

    shared = torch.corrcoef(zeroed.T) - torch.eye(4)
    assert shared.abs().max().item() < 0.01  # five errors of a correlation among 250,000


def test_the_gradient_is_that_of_the_values_that_were_kept() -> None:
    inputs = torch.ones(64, 3, requires_grad=True)

    values = BitDropout(0.5)(inputs)
    values.sum().backward()

    assert inputs.grad is not None
    assert torch.equal(inputs.grad, values.detach())


def test_the_same_seed_drops_the_same_values_and_another_one_others() -> None:
    drawn = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        drawn.append(BitDropout(0.5)(torch.ones(256)))

    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


@pytest.mark.parametrize("quiet", [BitDropout(0.0), BitDropout(0.5).eval()])
def test_nothing_is_dropped_outside_of_a_training_or_with_a_share_of_zero(quiet: BitDropout) -> None:
    values = torch.ones(16)

    assert quiet(values) is values


def test_every_dropout_below_a_network_is_replaced_and_keeps_its_share() -> None:
    network = torch.nn.Sequential(torch.nn.Dropout(0.2), torch.nn.ModuleDict({"inner": torch.nn.Dropout(0.3)}))

    use_bit_dropout(network)

    found = [(type(module), module.p) for module in network.modules() if isinstance(module, torch.nn.Dropout)]
    assert found == [(BitDropout, 0.2), (BitDropout, 0.3)]
