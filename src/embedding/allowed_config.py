"""What the configuration files of a model folder may say: one table a file, and all else is refused.

The libraries import, download and initialise by names that they find in these files. A key that a table lists may hold
what its rule says. Where a table has a rule for other keys too, they pass with a harmless value, unless their name is
one that makes a library load something.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..core.errors import ModelFolderError, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_QUOTE_LIMIT = 80
_EXPECTED_LIMIT = 160
_TEXT_LIMIT = 10_000
_LARGEST = 10_000_000
# the one module that LoRA leaves out, because pooling does not read it
POOLER_LAYER = "pooler.dense"
# what "no limit" is written as in many files: int(1e30)
_NO_LIMIT = 1e31


# --- rules: what a value may be -------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """What a value may be, in words and as a function."""

    expected: str
    holds: Callable[[Any], bool]


def _is_number(value: object) -> bool:
    return type(value) is int or (isinstance(value, float) and math.isfinite(value))


def number(low: float, high: float) -> Rule:
    """A finite number in a range."""
    return Rule(f"a number from {low:g} to {high:g}", lambda value: _is_number(value) and low <= value <= high)


def whole(low: int, high: int = _LARGEST) -> Rule:
    """A whole number in a range."""
    return Rule(f"a whole number from {low} to {high}", lambda value: type(value) is int and low <= value <= high)


def one_of(*values: object) -> Rule:
    """One of some values, of the same type too."""
    shown = " or ".join("nothing" if value in ({}, []) else repr(value) for value in values)
    return Rule(shown, lambda value: any(type(value) is type(known) and value == known for known in values))


def optional(rule: Rule) -> Rule:
    """Null, or what a rule says."""
    return Rule(f"{rule.expected} or null", lambda value: value is None or rule.holds(value))


def list_of(rule: Rule) -> Rule:
    """A list whose items keep a rule."""
    return Rule(f"a list of {rule.expected}", lambda value: isinstance(value, list) and all(map(rule.holds, value)))


def object_of(rule: Rule) -> Rule:
    """An object whose values keep a rule."""
    return Rule(
        f"an object of {rule.expected}",
        lambda value: isinstance(value, dict) and all(map(rule.holds, value.values())),
    )


def either(*rules: Rule) -> Rule:
    """What one of some rules says."""
    return Rule(" or ".join(rule.expected for rule in rules), lambda value: any(rule.holds(value) for rule in rules))


def object_with(keys: Mapping[str, Rule]) -> Rule:
    """An object with no other keys than these."""
    return Rule(
        f"an object of {', '.join(keys)}",
        lambda value: isinstance(value, dict) and all(key in keys and keys[key].holds(value[key]) for key in value),
    )


FLAG = Rule("true or false", lambda value: isinstance(value, bool))
TEXT = Rule(f"a text of at most {_TEXT_LIMIT} characters", lambda v: isinstance(v, str) and len(v) <= _TEXT_LIMIT)
ANY_NUMBER = number(-_NO_LIMIT, _NO_LIMIT)
NULL = one_of(None)
ANYTHING = Rule("anything", lambda _: True)
PLAIN = either(ANY_NUMBER, FLAG, NULL, TEXT, one_of({}, []))
SHARE = number(0, 1)
_NAME = re.compile(r"[\w-]+")
NAME = Rule("a name of letters, digits, '-' and '_'", lambda v: isinstance(v, str) and bool(_NAME.fullmatch(v)))
TRUE = Rule("true", lambda value: value is True)
FALSE = Rule("false", lambda value: value is False)
# what a setting holds that is switched off
OFF = either(NULL, FALSE, one_of({}, []))


@dataclass(frozen=True)
class Table:
    """What one kind of file may say.

    Attributes:
        keys: Each key's rule.
        others: The rule of all other keys; None where there must not be any.
        suffixes: Rules of keys by how they end.
        refused: Names that other keys must not have.
        required: Keys that must be there.
    """

    keys: Mapping[str, Rule] = field(default_factory=lambda: MappingProxyType({}))
    others: Rule | None = None
    suffixes: Mapping[str, Rule] = field(default_factory=lambda: MappingProxyType({}))
    refused: re.Pattern[str] | None = None
    required: tuple[str, ...] = ()


# --- tables: one a file ---------------------------------------------------------------------------------

# a key of such a name makes a library import code, fetch something, or read another file
_LOADS = re.compile(
    r"implementation|kernel|quant|auto_map|_files?$|_plan|backbone|timm|pipeline|weights|_class$|_code|code_|config"
    r"|trust|fusion|remote|adapter|import|module|template|tokenizer_|processor|vocab$|merges$|^backend$|_inputs$|per_layer"
)
_ACTIVATION = one_of(
    *("gelu", "gelu_new", "gelu_fast", "gelu_python", "gelu_pytorch_tanh", "quick_gelu"),
    *("relu", "silu", "swish", "tanh", "mish", "sigmoid", "linear"),
)
_DTYPE = one_of("float32", "float16", "bfloat16", "float64", None)
_SIZE = whole(1)
_TOKEN_IDS = optional(either(whole(-1), list_of(whole(0))))
_TOKENIZERS = one_of(
    *(
        f"{name}Tokenizer{suffix}"
        for name in ("Bert", "Camembert", "DistilBert", "Electra", "MPNet", "Roberta", "T5", "XLMRoberta", "PreTrained")
        for suffix in ("", "Fast")
    ),
    "TokenizersBackend",
    None,
)
_ADDED_TOKEN = object_with(
    {"content": TEXT, "__type": one_of("AddedToken")}
    | dict.fromkeys(("lstrip", "rstrip", "normalized", "single_word", "special"), FLAG)
)
_TOKEN = either(TEXT, _ADDED_TOKEN, NULL)
_TOKENS = either(NULL, list_of(_TOKEN), object_of(_TOKEN))
_ROPE = either(ANY_NUMBER, one_of("default"))
_POOLING_MODE = one_of("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
_IN_TRANSFORMERS = re.compile(r"transformers(?:\.\w++)++")
_OF_TRANSFORMERS = Rule(
    "a module of transformers",
    lambda value: isinstance(value, str) and _IN_TRANSFORMERS.fullmatch(value) is not None,
)
_TEXT_ONLY = {"text": {"method": "forward", "method_output_name": "last_hidden_state"}}
_ACTIVATION_CLASSES = one_of(
    *(
        f"torch.nn.modules.{module}.{name}"
        for module, names in (
            ("activation", ("GELU", "LeakyReLU", "ReLU", "Sigmoid", "SiLU", "Tanh")),
            ("linear", ("Identity",)),
        )
        for name in names
    )
)

ARCHITECTURE = Table(
    keys=MappingProxyType(
        {
            "_name_or_path": TEXT,
            "architectures": optional(list_of(TEXT)),
            "dtype": _DTYPE,
            "torch_dtype": _DTYPE,
            "tokenizer_class": _TOKENIZERS,
            **dict.fromkeys(
                ("hidden_act", "activation", "hidden_activation", "classifier_activation", "summary_activation"),
                _ACTIVATION,
            ),
            **dict.fromkeys(
                (
                    *("vocab_size", "hidden_size", "embedding_size", "intermediate_size", "max_position_embeddings"),
                    *("num_hidden_layers", "num_attention_heads", "type_vocab_size", "relative_attention_num_buckets"),
                    *("dim", "hidden_dim", "n_layers", "n_heads", "global_attn_every_n_layers", "local_attention"),
                    *("d_model", "d_ff", "d_kv", "num_heads", "num_layers", "num_decoder_layers"),
                    "relative_attention_max_distance",
                ),
                _SIZE,
            ),
            **dict.fromkeys(
                (
                    *("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout"),
                    *("qa_dropout", "seq_classif_dropout", "classifier_dropout", "embedding_dropout", "mlp_dropout"),
                    "dropout_rate",
                ),
                optional(SHARE),
            ),
            **dict.fromkeys(("layer_norm_eps", "layer_norm_epsilon", "norm_eps", "initializer_range"), number(0, 1)),
            "feed_forward_proj": one_of("relu", "gated-gelu"),
            "dense_act_fn": _ACTIVATION,
            "task_specific_params": optional(object_of(object_of(PLAIN))),  # of other tasks than embedding
            # the encoder of such a model is built alone
            "is_encoder_decoder": FLAG,
            "position_embedding_type": one_of("absolute", None),
            "pad_token_id": optional(whole(-1)),
            "chunk_size_feed_forward": one_of(0),
            "head_dim": NULL,
            **dict.fromkeys(
                ("is_decoder", "add_cross_attention", "torchscript", "tie_encoder_decoder"),
                FALSE,
            ),
            "return_dict": TRUE,
            "pruned_heads": one_of({}),
            "id2label": optional(object_of(TEXT)),
            "label2id": optional(object_of(whole(0))),
            "num_labels": whole(0, 10_000),
            "layer_types": optional(list_of(one_of("full_attention", "sliding_attention"))),
            **dict.fromkeys(("rope_parameters", "rope_scaling"), optional(object_of(either(_ROPE, object_of(_ROPE))))),
        }
    ),
    others=PLAIN,
    suffixes=MappingProxyType({"_token_id": _TOKEN_IDS}),
    refused=_LOADS,
    required=("model_type",),
)
MODULE = Table(
    keys=MappingProxyType(
        {"idx": whole(0, 100), "name": NAME, "path": either(one_of(""), NAME), "type": TEXT, "kwargs": one_of([])}
    ),
    required=("idx", "name", "path", "type"),
)
POOLING = Table(
    keys=MappingProxyType(
        {
            "word_embedding_dimension": _SIZE,
            "embedding_dimension": _SIZE,
            "include_prompt": FLAG,
            "pooling_mode": either(_POOLING_MODE, list_of(_POOLING_MODE)),
            **dict.fromkeys(
                (
                    *("pooling_mode_cls_token", "pooling_mode_max_tokens", "pooling_mode_mean_tokens"),
                    "pooling_mode_mean_sqrt_len_tokens",
                    *("pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"),
                ),
                FLAG,
            ),
        }
    )
)
NORMALIZE = Table(
    keys=MappingProxyType(
        {
            "module_input_name": one_of("sentence_embedding"),
            "module_output_name": one_of("sentence_embedding", None),
        }
    )
)
DENSE = Table(
    keys=MappingProxyType(
        {
            **NORMALIZE.keys,
            "in_features": _SIZE,
            "out_features": _SIZE,
            "bias": FLAG,
            "activation_function": _ACTIVATION_CLASSES,
            "use_residual": FLAG,
        }
    ),
    required=("in_features", "out_features"),
)
SENTENCE_TRANSFORMER = Table(
    keys=MappingProxyType(
        {
            "__version__": object_of(TEXT),
            "model_type": one_of("SentenceTransformer"),
            "prompts": object_of(TEXT),
            "default_prompt_name": optional(TEXT),
            "similarity_fn_name": one_of("cosine", "dot", "dot_product", "euclidean", "manhattan", None),
            "truncate_dim": optional(_SIZE),
        }
    )
)
TRANSFORMER = Table(
    keys=MappingProxyType(
        {
            "max_seq_length": optional(whole(3)),
            "do_lower_case": FLAG,
            "transformer_task": one_of("feature-extraction"),
            "modality_config": one_of(_TEXT_ONLY),
            "module_output_name": one_of("token_embeddings"),
            "unpad_inputs": either(NULL, FALSE),
            **dict.fromkeys(("query_length", "document_length", "query_expansion", "tokenizer_name_or_path"), NULL),
            **dict.fromkeys(
                (
                    *("model_args", "tokenizer_args", "config_args"),
                    *("model_kwargs", "processor_kwargs", "config_kwargs", "processing_kwargs"),
                ),
                one_of({}),
            ),
        }
    )
)
TOKENIZER = Table(
    keys=MappingProxyType(
        {
            "tokenizer_class": _TOKENIZERS,
            "backend": one_of("tokenizers", None),
            "processor_class": NULL,
            "model_max_length": optional(number(3, _NO_LIMIT)),
            "max_length": optional(whole(1)),
            "max_len": optional(whole(3)),
            "padding_side": one_of("left", "right"),
            "truncation_side": one_of("left", "right"),
            "model_input_names": list_of(one_of("input_ids", "token_type_ids", "attention_mask")),
            "never_split": optional(list_of(TEXT)),
            "init_inputs": one_of([]),
            "added_tokens_decoder": object_of(_ADDED_TOKEN),
            **dict.fromkeys(("additional_special_tokens", "extra_special_tokens"), _TOKENS),
            **dict.fromkeys(("name_or_path", "special_tokens_map_file", "tokenizer_file"), optional(TEXT)),
            "truncation_strategy": TEXT,
            "errors": one_of("strict", "replace", "ignore"),
            "sp_model_kwargs": one_of({}),
        }
    ),
    others=either(ANY_NUMBER, FLAG, NULL),
    suffixes=MappingProxyType({"_token": _TOKEN}),
    refused=_LOADS,
)
SPECIAL_TOKENS = Table(
    keys=MappingProxyType(dict.fromkeys(("additional_special_tokens", "extra_special_tokens"), _TOKENS)),
    suffixes=MappingProxyType({"_token": _TOKEN}),
)
ADDED_TOKENS = Table(others=whole(0))
GENERATION = Table(
    keys=MappingProxyType({"_from_model_config": FLAG}), others=either(PLAIN, list_of(ANY_NUMBER)), refused=_LOADS
)
ADAPTER = Table(
    keys=MappingProxyType(
        {
            "peft_type": one_of("LORA"),
            "task_type": one_of("FEATURE_EXTRACTION", None),
            "r": whole(1, 100_000),
            "lora_alpha": whole(1, 100_000),
            "lora_dropout": SHARE,
            "target_modules": list_of(NAME),
            "bias": one_of("none"),
            "init_lora_weights": TRUE,
            "exclude_modules": either(OFF, one_of([POOLER_LAYER])),
            "megatron_core": one_of("megatron.core", None),
            "qalora_group_size": one_of(16),
            "inference_mode": FLAG,
            # what the adapter was trained on, as peft writes it; this program gives peft a configuration of its own
            "auto_mapping": optional(object_with({"base_model_class": NAME, "parent_library": _OF_TRANSFORMERS})),
            **dict.fromkeys(("base_model_name_or_path", "revision", "peft_version"), optional(TEXT)),
        }
    ),
    others=OFF,
    required=("peft_type", "r", "lora_alpha", "target_modules"),
)


# the tokenizers package reads it, which imports nothing
TOKENIZER_MODEL = Table(
    keys=MappingProxyType(
        {
            "model": Rule("an object without dropout", lambda v: isinstance(v, dict) and not v.get("dropout")),
            "added_tokens": optional(list_of(object_of(ANYTHING))),
        }
    ),
    others=ANYTHING,
    required=("model",),
)


# --- the check ------------------------------------------------------------------------------------------


def refuse_other_settings(path: Path, config: object, table: Table, remedy: str) -> dict[str, Any]:
    """Refuse a configuration that says more than its table allows.

    Args:
        path: The file, for the message.
        config: What it holds.
        table: What it may hold.
        remedy: What to do, for the message.

    Returns:
        The configuration.

    Raises:
        ModelFolderError: A key is not allowed, or its value is not; or a required one is missing.
    """
    if not isinstance(config, dict):
        raise ModelFolderError(f"{path}: damaged: an object is expected; {remedy}")
    for key, value in config.items():
        if fault := _fault(table, key, value):
            raise ModelFolderError(f"{path}: {fault}; {remedy}")
    for key in table.required:
        if key not in config:
            raise ModelFolderError(f"{path}: damaged: {key} is missing; {remedy}")
    return config


def _fault(table: Table, key: str, value: object) -> str:
    name = printable(key, _QUOTE_LIMIT)
    if key == "auto_map":
        return "asks for code of its own, which is never run"
    by_suffix = (rule for suffix, rule in table.suffixes.items() if key.endswith(suffix))
    rule = table.keys.get(key) or next(by_suffix, None)
    if rule is None:
        if table.others is None:
            return f"the key {name} is not known, and an unknown one may run code"
        if table.refused is not None and table.refused.search(key) and not OFF.holds(value):
            return f"the key {name} is not allowed: it can make a library load code or files"
        rule = table.others
    if rule.holds(value):
        return ""
    return f"{name} is {printable(repr(value), _QUOTE_LIMIT)}, expected {printable(rule.expected, _EXPECTED_LIMIT)}"
