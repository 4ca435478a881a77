"""How the base model's tokenizer reads texts: how many tokens each has, and which of them it does not know.

Only `tokenizer.json` is read, by the tokenizers package, so that a check of the data needs no torch and no weights.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import ModelFolderError, first_line
from ..models import NO_PROMPTS, Prompts
from ..storage.files import sha256_file
from .model_files import USE_ANOTHER, read_json
from .model_folder_checks import stated_limit
from .modules import read_modules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from .base_model import BaseModel

FILE = "tokenizer.json"
_TEXTS_AT_ONCE = 1_000
# a token rarely stands for more; what comes later in a text is not read
_CHARACTERS_A_TOKEN = 100


@dataclass(frozen=True, eq=False)
class TokenCounts:
    """What a tokenizer made of M texts."""

    long: NDArray[np.bool_]  # (M,), whether the model leaves out the text's end
    unknown: NDArray[np.bool_]  # (M,), whether a token stands for something that the vocabulary lacks
    pieces: Counter[str]  # such pieces of the texts, and in how many texts each is


@dataclass(frozen=True)
class BaseTokenizer:
    """The tokenizer of a base model.

    Attributes:
        file: Its `tokenizer.json`.
        limit: How many tokens of a text the model reads, those at either end that stand for no part of it included.
        prompts: What it reads before each text.
    """

    file: Path
    limit: int
    prompts: Prompts = NO_PROMPTS

    @property
    def fingerprint(self) -> str:
        """What the counts depend on."""
        return f"{sha256_file(self.file)}, {self.limit} tokens, {self.prompts.model_dump_json()}"

    def count(self, texts: Sequence[str]) -> TokenCounts:
        """Count the tokens of M texts, in blocks of 1,000; about 20 microseconds a short text.

        Raises:
            ModelFolderError: The tokenizer cannot be used.
        """
        try:
            return self._count(texts)
        # those of Rust are no Exception
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
                raise
            raise ModelFolderError(f"{self.file}: cannot be used: {first_line(error)}; {USE_ANOTHER}") from None

    def _count(self, texts: Sequence[str]) -> TokenCounts:
        from tokenizers import Tokenizer  # noqa: PLC0415 - not for --help

        tokenizer = Tokenizer.from_file(str(self.file))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        unknown_id = self._unknown_id()
        long, unknown = (np.zeros(len(texts), dtype=np.bool_) for _ in range(2))
        pieces: Counter[str] = Counter()
        for place, (text, encoding) in enumerate(self._encoded(tokenizer, texts)):
            ids = encoding.ids
            long[place] = len(ids) > self.limit
            if unknown_id in ids:
                unknown[place] = True
                spans = (span for token, span in zip(ids, encoding.offsets, strict=True) if token == unknown_id)
                pieces.update({text[begin:end] for begin, end in spans})
        return TokenCounts(long, unknown, pieces)

    def _encoded(self, tokenizer: Any, texts: Sequence[str]) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - no types
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            block = [text[: _CHARACTERS_A_TOKEN * self.limit] for text in texts[start : start + _TEXTS_AT_ONCE]]
            yield from zip(block, tokenizer.encode_batch(block), strict=True)

    def _unknown_id(self) -> int | None:
        """Number of the unknown token; None where the vocabulary can spell every text."""
        model = read_json(self.file, USE_ANOTHER)["model"]
        vocabulary, token = model["vocab"], model.get("unk_token")
        # a list of tokens with their scores numbers them by place
        number = vocabulary.get(token) if isinstance(vocabulary, dict) else model.get("unk_id")
        return None if number is None else int(number)


def base_tokenizer(base: BaseModel) -> BaseTokenizer | None:
    """The tokenizer of a base model; None where it has no `tokenizer.json`.

    Raises:
        ModelFolderError: A configuration of the model is damaged.
    """
    folder = Path(base.source)
    encoder = folder / read_modules(folder, USE_ANOTHER)[0].path
    if not (encoder / FILE).is_file():
        return None
    limit = base.max_seq_length or stated_limit(encoder, USE_ANOTHER)
    return BaseTokenizer(encoder / FILE, limit, base.prompts)
