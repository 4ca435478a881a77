"""What a model card says that its numbers do not tell."""

from __future__ import annotations

from types import MappingProxyType

from ..models import ExportFormat

NO_CHALLENGE = "There was no challenge set: what the model does on pairs of another kind is not known."
LIMITS = (
    "The scores hold for pairs from the same source as the test pairs.",
    "Each interval covers the choice of the pairs, not that of the seed.",
)
ONE_SEED = (
    "One training with one seed was judged. Another seed gives another model; how far its scores lie is not known."
)
NO_GUARD = "Whether the model got worse at anything else than these pairs was not measured."
_ONNX = """The graph holds all of the model, from token numbers to the embedding; `tokenizer.json` cuts and pads.

```python
import numpy as np
import onnxruntime
from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file("path/to/this/folder/tokenizer.json")
session = onnxruntime.InferenceSession("path/to/this/folder/{file}")
encoded = tokenizer.encode_batch(["a text", "another text"])
columns = {{
    "input_ids": [one.ids for one in encoded],
    "attention_mask": [one.attention_mask for one in encoded],
    "token_type_ids": [one.type_ids for one in encoded],
}}
inputs = {{tensor.name: np.array(columns[tensor.name]) for tensor in session.get_inputs()}}
(embeddings,) = session.run(["sentence_embedding"], inputs)
```"""
# how a model is loaded, by what it was exported as
EXPORTED = MappingProxyType(
    {
        ExportFormat.MERGED: """An adapter is merged into the weights. Any version of the library loads the folder.

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("path/to/this/folder")
```""",
        ExportFormat.ONNX: _ONNX,
        ExportFormat.INT8: _ONNX,
    }
)
