"""A model as ONNX and as int8: the files, and which kind of int8 the processor computes fastest."""

from __future__ import annotations

import platform
import warnings
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from tokenizers import Tokenizer

from ..core.errors import PipelineError, UserInputError, first_line, is_out_of_memory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import torch
    from sentence_transformers import SentenceTransformer

# where sentence-transformers looks for them, below the model's folder
FOLDER = "onnx"
ONNX_FILE, TOKENIZER = "model.onnx", "tokenizer.json"
# outputs of a graph: what sentence-transformers takes, and pools itself; and the embedding
TOKENS, EMBEDDING = "last_hidden_state", "sentence_embedding"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_EXAMPLES = ("a short text", "a text of some more words than the other one has")
_OPSET = 18
_ARM = ("arm64", "aarch64")
_MERGED = "take --format merged"


class Variant(NamedTuple):
    """One kind of int8.

    Attributes:
        name: Of the processor's instructions, as sentence-transformers calls them.
        signed: Whether weights are signed. Without VNNI, sums of signed ones overflow on x86.
    """

    name: str
    signed: bool

    @property
    def file(self) -> str:
        """Name of its file, as sentence-transformers calls it."""
        return f"model_{'qint8' if self.signed else 'quint8'}_{self.name}.onnx"


VARIANTS = MappingProxyType(
    {
        variant.name: variant
        for variant in (
            Variant("arm64", signed=True),
            Variant("avx512_vnni", signed=True),
            Variant("avx2", signed=False),
        )
    }
)


def variant_of(machine: str, capabilities: Mapping[str, Any]) -> Variant:
    """The kind of int8 for a processor.

    Args:
        machine: As `platform.machine` calls it.
        capabilities: What PyTorch found of its instructions.
    """
    if machine.lower() in _ARM:
        return VARIANTS["arm64"]
    return VARIANTS["avx512_vnni" if capabilities.get("avx512_vnni") else "avx2"]


def this_variant() -> Variant:
    """The kind of int8 for this processor."""
    import torch  # noqa: PLC0415 - heavy; not for --help

    return variant_of(platform.machine(), torch.cpu.get_capabilities())


def write_onnx(model: SentenceTransformer, path: Path) -> None:
    """Write a model as one graph, from token numbers to the embeddings of tokens and of the text.

    Pooling, dense layers and normalisation are part of the graph.

    Args:
        model: Without an adapter; on the CPU.
        path: The file.

    Raises:
        PipelineError: The model cannot be written as ONNX.
    """
    import torch  # noqa: PLC0415 - heavy; not for --help

    features = model.preprocess(list(_EXAMPLES))
    names = [name for name in INPUTS if name in features]
    axes = {name: {0: "texts", 1: "tokens"} for name in (*names, TOKENS)}
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with warnings.catch_warnings(action="ignore"), torch.no_grad():
            # the newer exporter takes ten seconds more, and a package of its own
            torch.onnx.export(
                _whole(model, names),
                tuple(features[name] for name in names),
                str(path),
                dynamo=False,
                input_names=names,
                output_names=[TOKENS, EMBEDDING],
                dynamic_axes={**axes, EMBEDDING: {0: "texts"}},
                opset_version=_OPSET,
            )
    except Exception as error:
        if is_out_of_memory(error):
            raise
        raise PipelineError(f"the model cannot be written as ONNX: {first_line(error)}; {_MERGED}") from None


def _whole(model: SentenceTransformer, names: list[str]) -> torch.nn.Module:
    import torch  # noqa: PLC0415 - heavy; not for --help

    class Whole(torch.nn.Module):
        """All modules of a model, with tensors in the place of the library's dictionary."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            """Embeddings (B, T, H) of the tokens of B texts, and (B, D) of the texts."""
            found = self.model(dict(zip(names, inputs, strict=True)))
            return found["token_embeddings"], found[EMBEDDING][:, : self.model.truncate_dim]

    return Whole().eval()


def refuse_unfit(model: SentenceTransformer) -> None:
    """Refuse a model that a graph and a `tokenizer.json` do not hold whole.

    Raises:
        UserInputError: It has no encoder, its tokenizer is none of the tokenizers library, or its pooling leaves out
            the prompt, of which a graph knows nothing.
    """
    if not hasattr(model[0], "auto_model"):
        raise UserInputError(f"the model is a word embedding without an encoder, which ONNX makes no faster; {_MERGED}")
    if not model.tokenizer.is_fast:
        raise UserInputError(f"the model's tokenizer cannot be written as {TOKENIZER}; {_MERGED}")
    pooling: Any = model[1]
    if not pooling.include_prompt and model.default_prompt_name is not None:
        raise UserInputError(f"the model's pooling leaves out the prompt, which ONNX cannot express; {_MERGED}")


def prepare_tokenizer(model: SentenceTransformer, folder: Path) -> None:
    """Let `tokenizer.json` itself cut and pad, so that it can be used without transformers.

    Args:
        model: The model.
        folder: Its folder, with the file.
    """
    known = model.tokenizer
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.enable_truncation(int(model.max_seq_length or known.model_max_length), direction=known.truncation_side)
    tokenizer.enable_padding(
        direction=known.padding_side,
        pad_id=known.pad_token_id,
        pad_type_id=known.pad_token_type_id,
        pad_token=known.pad_token,
    )
    tokenizer.save(str(folder / TOKENIZER))


def quantise(source: Path, path: Path, variant: Variant) -> None:
    """Write the weights of an ONNX model as int8; activations are quantised while it runs.

    Args:
        source: The ONNX model.
        path: The new one.
        variant: The kind of int8.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 - of an extra

    quantize_dynamic(
        source, path, weight_type=QuantType.QInt8 if variant.signed else QuantType.QUInt8, per_channel=True
    )
