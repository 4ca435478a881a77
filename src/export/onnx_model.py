"""An exported ONNX or int8 folder, as a user without PyTorch loads it: its tokenizer and its graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from ..embedding.encoder import ENCODE_BATCH
from .onnx_files import EMBEDDING, FOLDER, TOKENIZER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_ERRORS_ONLY = 3


class OnnxModel:
    """Embeds texts with nothing but the files of an exported folder."""

    def __init__(self, folder: Path) -> None:
        """Open the one graph of a folder, with as many threads as PyTorch has.

        Args:
            folder: The folder.
        """
        import onnxruntime  # noqa: PLC0415 - of an extra
        import torch  # noqa: PLC0415 - heavy; not for --help

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = torch.get_num_threads(), _ERRORS_ONLY
        (graph,) = (folder / FOLDER).glob("*.onnx")
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self._inputs = [tensor.name for tensor in self._session.get_inputs()]
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts in batches, longest first so that a batch pads little.

        Args:
            texts: M texts, at least one, each with the prompt that stands before it.

        Returns:
            Array of shape (M, D), float32.
        """
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        batches = [order[start : start + ENCODE_BATCH] for start in range(0, len(order), ENCODE_BATCH)]
        found = np.concatenate([self._batch([texts[row] for row in rows]) for rows in batches])
        result = np.empty_like(found)
        result[order] = found
        return result

    def _batch(self, texts: list[str]) -> NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(texts)
        columns = {
            "input_ids": [one.ids for one in encoded],
            "attention_mask": [one.attention_mask for one in encoded],
            "token_type_ids": [one.type_ids for one in encoded],
        }
        inputs = {name: np.array(columns[name], dtype=np.int64) for name in self._inputs}
        embeddings: NDArray[np.float32] = self._session.run([EMBEDDING], inputs)[0]
        return embeddings
