"""The README.md of a published model folder: what it is and how it was made, no data rows, no path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import printable
from ..models import DATING_WORDS, NO_PROMPTS, TrainingMode
from ..storage.files import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from ..embedding.base_model import BaseModel
    from ..models import Prompts, TrainConfig, ValidationChoice, Words

MODEL_CARD = "README.md"
_CARD = """---
library_name: {library}
pipeline_tag: sentence-similarity
{of_base}---

# {name}

{what} of `{base}`, trained on labelled sentence pairs so that the cosine of two texts tells whether {question}.

| | |
|---|---|
| base weights, SHA-256 | `{sha256}` |
| loss | {loss} |
| epochs, batch size | {epochs}, {batch_size} |
| learning rate, warm-up steps | {learning_rate:g}, {warmup} |
| seed | {seed} |
| checkpoint | {checkpoint} |
{searched}{limit}{prompts}
Before use, read the comparison report of the run that made it: it says on which data the scores hold, and what
a model that only learned the phrasing of its training data would have scored.
{loading}"""

_QUESTION = "their\nwriters are compatible (1) or not (0)"  # of the dating profile
_LOADING = {
    TrainingMode.STANDARD: """
```python
model = SentenceTransformer("path/to/this/folder")
{reading}```
""",
    TrainingMode.LORA: """
```python
model = SentenceTransformer("path/to/the/base/model")  # the weights with the SHA-256 above
model.load_adapter("path/to/this/folder")
{limiting}{prompting}{reading}```
""",
}
# with one prompt, and with two; without any, nothing need be said
_READING_ONE = "model.encode(texts)  # puts the prompt before each text, as encode_query and encode_document do\n"
_READING_TWO = "model.encode_query(texts_1)  # puts the prompt of text 1 before each\nmodel.encode_document(texts_2)\n"

_ON_TEST = "step {step}, the best Spearman on the test pairs: scores on these are optimistic"
_ON_VALIDATION = (
    "step {step}, epoch {epoch:g}, the best Spearman on {n} train pairs that were set aside; then trained again on "
    "all of them"
)
_SEARCHED = "| recipe | chosen among {n} trials on validation pairs |\n"
_ON_FILE = "step {step}, epoch {epoch:g}, the best Spearman on {n} validation pairs"


def write_model_card(
    folder: Path,
    config: TrainConfig,
    base: BaseModel,
    best_step: int,
    choice: ValidationChoice | None,
    *,
    warmup: int,
    words: Words = DATING_WORDS,
    prompts: Prompts | None = None,
) -> None:
    """Write the card into a model folder.

    Args:
        folder: The folder that is being made.
        config: The recipe.
        base: The base model.
        best_step: Step whose weights it holds.
        choice: How validation chose it; None where the test pairs did.
        warmup: Steps of the warm-up that it had.
        words: What the labels are called.
        prompts: What it reads before each text; None where neither it nor the files of its base model say anything.
    """
    limit = base.max_seq_length
    lora = config.mode is TrainingMode.LORA
    chosen = _ON_TEST.format(step=best_step)
    if choice is not None:
        how = _ON_VALIDATION if choice.file is None else _ON_FILE
        chosen = how.format(step=best_step, epoch=choice.epoch, n=choice.n)
    text = _CARD.format(
        library="peft" if lora else "sentence-transformers",
        what="A LoRA adapter" if lora else "A full fine-tune",
        base=base.name,
        # the Hub knows no folder of a user
        of_base=f"base_model: {base.name}\n" if "/" in base.name else "",
        sha256=base.sha256,
        question=_QUESTION if words == DATING_WORDS else f"the pair is {words.positive} (1) or {words.negative} (0)",
        checkpoint=chosen,
        warmup=warmup,
        searched="" if config.chosen_among is None else _SEARCHED.format(n=config.chosen_among),
        limit="" if limit is None else f"| tokens of a text that it reads | {limit} |\n",
        prompts="" if prompts is None else _prompt_rows(prompts),
        loading=_LOADING[config.mode].format(
            limiting="" if limit is None else f"model.max_seq_length = {limit}\n",
            prompting="" if prompts is None else _prompting(prompts),
            reading="" if prompts in (None, NO_PROMPTS) else _READING_ONE if _is_one(prompts) else _READING_TWO,
        ),
        **config.model_dump(include={"name", "loss", "epochs", "batch_size", "learning_rate", "seed"}),
    )
    write_text(folder / MODEL_CARD, text)


def _prompt_rows(prompts: Prompts) -> str:
    sides = ((1, prompts.prompt_1), (2, prompts.prompt_2))
    return "".join(f"| before text {side} | {_in_a_cell(prompt)} |\n" for side, prompt in sides)


def _in_a_cell(text: str) -> str:
    shown = printable(text).replace("`", "'").replace("|", "\\|")
    return f"`{shown}`" if shown else "nothing"


def _prompting(prompts: Prompts) -> str:
    """What sets the prompts, which the library does not read from an adapter's folder."""
    texts = {"query": prompts.prompt_1, "document": prompts.prompt_2}
    default = "query" if _is_one(prompts) else None
    return f"model.prompts = {texts!r}\nmodel.default_prompt_name = {default!r}\n"


def _is_one(prompts: Prompts) -> bool:
    """Whether both texts have the same prompt."""
    return prompts != NO_PROMPTS and prompts.prompt_1 == prompts.prompt_2
