from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from src.core.errors import UserInputError
from src.embedding.base_model import BaseModel
from src.embedding.loading import loaded_model
from src.training import precision
from src.training.precision import autocast, bf16_speedup, full_precision_pooling, resolve_precision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentence_transformers import SentenceTransformer


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Iterator[SentenceTransformer]:
    with loaded_model(BaseModel(source=str(tiny_model), sha256="0" * 64, name="tiny"), "cpu") as loaded:
        yield loaded


@pytest.fixture
def never_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> float:
        raise AssertionError("measured without need")

    monkeypatch.setattr(precision, "bf16_speedup", refuse)


@pytest.mark.parametrize(
    ("speedup", "chosen"), [(0.7, "fp32"), (1.0, "fp32"), (1.29, "fp32"), (1.3, "bf16"), (4, "bf16")]
)
def test_a_processor_gets_bf16_only_where_it_is_measured_to_pay(
    speedup: float, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "bf16_speedup", lambda: speedup)

    assert resolve_precision("auto", "cpu") == chosen


@pytest.mark.usefixtures("never_measured")
@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("wanted", ["fp32", "bf16"])
def test_what_the_user_asks_for_is_taken(wanted: str, device: str) -> None:
    assert resolve_precision(wanted, device) == wanted


@pytest.mark.usefixtures("never_measured")
@pytest.mark.parametrize(("supported", "chosen"), [(True, "bf16"), (False, "fp32")])
def test_cuda_gets_bf16_where_the_card_computes_it_itself(
    supported: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda including_emulation: supported and not including_emulation
    )

    assert resolve_precision("auto", "cuda") == chosen


@pytest.mark.usefixtures("never_measured")
@pytest.mark.parametrize("wanted", ["auto", "fp32"])
def test_mps_computes_in_fp32(wanted: str) -> None:
    assert resolve_precision(wanted, "mps") == "fp32"


def test_bf16_on_mps_is_refused_with_what_to_use() -> None:
    with pytest.raises(UserInputError, match=r"^--precision bf16: .* on mps; use fp32$"):
        resolve_precision("bf16", "mps")


@pytest.fixture
def products(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[torch.dtype, list[float]]]:
    """Seconds that the products take one after another, of each format; the last one stands for all that follow."""
    times: dict[torch.dtype, list[float]] = {}
    monkeypatch.setattr(
        precision, "_time_product", lambda dtype: times[dtype].pop(0) if times[dtype][1:] else times[dtype][0]
    )
    bf16_speedup.cache_clear()
    yield times
    bf16_speedup.cache_clear()


def test_the_speedup_is_the_ratio_of_the_fastest_products(products: dict[torch.dtype, list[float]]) -> None:
    products |= {torch.float32: [9, 6, 8, 7, 9.5], torch.bfloat16: [20, 4, 3, 4, 5]}

    assert bf16_speedup() == 6 / 3


def test_where_bf16_is_hopeless_few_products_say_so(products: dict[torch.dtype, list[float]]) -> None:
    products |= {torch.float32: [2, 1, 1, 1], torch.bfloat16: [200, 100, 1, 1]}

    assert bf16_speedup() == 1 / 100


def test_a_first_product_that_prepares_its_kernel_is_not_hopeless(products: dict[torch.dtype, list[float]]) -> None:
    products |= {torch.float32: [1], torch.bfloat16: [100, 0.5]}

    assert bf16_speedup() == 2


def test_it_is_measured_once_a_process(products: dict[torch.dtype, list[float]]) -> None:
    products |= {torch.float32: [1], torch.bfloat16: [1]}
    first = bf16_speedup()
    products |= {torch.float32: [2]}

    assert bf16_speedup() == first


@pytest.mark.parametrize(("name", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_products_are_computed_in_the_chosen_precision_and_only_inside(name: str, dtype: torch.dtype) -> None:
    matrix = torch.eye(4)
    with autocast(name, "cpu"):
        assert (matrix @ matrix).dtype is dtype
    assert (matrix @ matrix).dtype is torch.float32


def forward(model: SentenceTransformer) -> dict[str, torch.Tensor]:
    with torch.no_grad(), autocast("bf16", "cpu"):
        return model(model.tokenize(["boy: i love tea"]))


def test_pooling_and_what_follows_are_in_full_precision(model: SentenceTransformer) -> None:
    with full_precision_pooling(model):
        features = forward(model)

    assert features["token_embeddings"].dtype is torch.float32
    assert features["sentence_embedding"].dtype is torch.float32


def test_a_model_computes_as_before_once_the_block_is_left_even_by_an_error(model: SentenceTransformer) -> None:
    before = len(model[0]._forward_hooks)
    with pytest.raises(KeyboardInterrupt), full_precision_pooling(model):
        assert len(model[0]._forward_hooks) == before + 1
        raise KeyboardInterrupt

    assert len(model[0]._forward_hooks) == before


@pytest.mark.filterwarnings("ignore::UserWarning")  # there may be no GPU here
@pytest.mark.parametrize(
    ("name", "device", "allowed"), [("bf16", "cuda", False), ("bf16", "cpu", True), ("fp32", "cuda", True)]
)
def test_a_step_in_bf16_on_cuda_goes_without_the_attention_that_plans_for_each_length(
    name: str, device: str, allowed: bool
) -> None:
    with autocast(name, device):
        assert torch.backends.cuda.cudnn_sdp_enabled() is allowed
    assert torch.backends.cuda.cudnn_sdp_enabled()


@pytest.mark.parametrize(("first", "chosen"), [(True, "bf16"), (False, "fp32")])
def test_of_several_processes_the_first_one_decides(first: bool, chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "bf16_speedup", lambda: 0.5 if first else 4.0)
    monkeypatch.setattr(precision, "broadcast", lambda **_: first)

    assert resolve_precision("auto", "cpu") == chosen
