"""Ways to spoil a model folder, and what the refusal says. A new case joins by one line.

`test_attacks_on_models.py` tries each of them. `CODE` is about configuration that makes a library import, load or
initialise something by name; `WEIGHTS` about folders whose vectors would be wrong; `MALFORMED` about folders that ended
in a library's error or never; `STRAYS` about files that no record names; `VALID` about folders that must be read.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file, save_file

from src.embedding.model_files import ADAPTER_CONFIG, ADAPTER_WEIGHTS, CONFIG, MODULES, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Spoil = Callable[[Path], object]

BASE, STANDARD, LORA = "base", "standard", "lora"
TOKENIZER, TOKENIZER_SETTINGS = "tokenizer.json", "tokenizer_config.json"
ENCODER, MODEL, POOLING = "sentence_bert_config.json", "config_sentence_transformers.json", "1_Pooling/config.json"
NORMALIZE, DENSE, SPECIAL = "2_Normalize/config.json", "3_Dense/config.json", "special_tokens_map.json"
EMBEDDING = "embeddings.word_embeddings.weight"
TANH = "torch.nn.modules.activation.Tanh"
NOT_ALLOWED = "is not allowed: it can make a library load code or files"
NOT_KNOWN = "is not known, and an unknown one may run code"
OWN_CODE = "asks for code of its own, which is never run"
NOT_IN_A_BASE = "does not belong in a base model's folder"


@dataclass(frozen=True)
class Attack:
    """One way to spoil a folder.

    Attributes:
        name: What is wrong.
        spoil: Makes it so; gets the folder.
        told: What the refusal says, as a pattern.
        of: Which folder: the base model's, or that of a trained model.
    """

    name: str
    spoil: Spoil
    told: str = ""
    of: str = BASE


# --- ways to change a folder ----------------------------------------------------------------------------


def says(name: str, **values: Any) -> Spoil:  # noqa: ANN401 - any JSON
    """A configuration file says something more, or something else."""

    def spoil(folder: Path) -> None:
        file = folder / name
        before = json.loads(file.read_text()) if file.exists() else {}
        holds(name, json.dumps(before | values))(folder)

    return spoil


def silent(name: str, *keys: str) -> Spoil:
    """A configuration file no longer says something."""

    def spoil(folder: Path) -> None:
        before = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps({key: value for key, value in before.items() if key not in keys}))

    return spoil


def holds(name: str, content: str | bytes = "") -> Spoil:
    """A file has other content, or is there at all."""

    def spoil(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return spoil


def cut(name: str, kept: int) -> Spoil:
    """A file ends early."""
    return lambda folder: os.truncate(folder / name, kept)


def lacks(name: str) -> Spoil:
    """A file or a folder is not there."""

    def spoil(folder: Path) -> None:
        shutil.rmtree(folder / name) if (folder / name).is_dir() else (folder / name).unlink()

    return spoil


def instead(name: str, make: Spoil) -> Spoil:
    """Something else stands in the place of a file."""

    def spoil(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        make(folder / name)

    return spoil


def leads_to(target: str) -> Spoil:
    return lambda path: path.symlink_to(target)


def modules(change: Callable[[list[Any]], object]) -> Spoil:
    """The list of modules is another one."""

    def spoil(folder: Path) -> None:
        entries = json.loads((folder / MODULES).read_text())
        changed = change(entries)
        (folder / MODULES).write_text(json.dumps(entries if changed is None else changed))

    return spoil


def numbered(entries: list[Any]) -> list[Any]:
    return [entry | {"idx": number, "name": str(number)} for number, entry in enumerate(entries)]


def module(number: int, **values: object) -> Spoil:
    return modules(lambda entries: entries[number].update(values))


def weights(change: Callable[[dict[str, torch.Tensor]], object], name: str = WEIGHTS) -> Spoil:
    """The tensors are others."""

    def spoil(folder: Path) -> None:
        tensors = load_file(folder / name)
        changed = change(tensors)
        kept = {key: value.contiguous() for key, value in (changed if isinstance(changed, dict) else tensors).items()}
        save_file(kept, folder / name, {"format": "pt"})

    return spoil


def value(tensor: torch.Tensor, number: float) -> torch.Tensor:
    """A tensor whose last value is another one."""
    changed = tensor.clone()
    changed.view(-1)[-1] = number
    return changed


def last_is(number: float, dtype: torch.dtype = torch.float32) -> Callable[[dict[str, torch.Tensor]], object]:
    return lambda tensors: {
        key: value(tensor.to(dtype), number) if key == max(tensors) else tensor.to(dtype)
        for key, tensor in tensors.items()
    }


def every(change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[dict[str, torch.Tensor]], object]:
    return lambda tensors: {key: change(tensor) for key, tensor in tensors.items()}


def renamed(change: Callable[[str], str]) -> Spoil:
    return weights(lambda tensors: {change(key): tensor for key, tensor in tensors.items()})


def with_dense(out: int = 8, number: float = 0.5, **settings: object) -> Spoil:
    """A dense layer follows."""

    def spoil(folder: Path) -> None:
        wide = {"in_features": 32, "out_features": out, "bias": True, "activation_function": TANH} | settings
        holds(DENSE, json.dumps(wide))(folder)
        generator = torch.Generator().manual_seed(0)
        layer = {"linear.weight": torch.randn(8, 32, generator=generator), "linear.bias": torch.full((8,), number)}
        save_file(layer, folder / "3_Dense" / WEIGHTS)
        kind = {"path": "3_Dense", "type": "sentence_transformers.models.Dense"}
        modules(lambda entries: numbered([*entries, kind]))(folder)

    return spoil


def both(*changes: Spoil) -> Spoil:
    return lambda folder: [change(folder) for change in changes]


def vocabulary(change: Callable[[dict[str, int]], dict[str, int]]) -> Spoil:
    """The tokenizer has other tokens."""

    def spoil(folder: Path) -> None:
        tokenizer = json.loads((folder / TOKENIZER).read_text())
        tokenizer["model"]["vocab"] = change(tokenizer["model"]["vocab"])
        (folder / TOKENIZER).write_text(json.dumps(tokenizer))

    return spoil


def adapter(**values: object) -> Spoil:
    return says(ADAPTER_CONFIG, **values)


def with_adapter(folder: Path) -> None:
    """An adapter lies beside full weights."""
    says(ADAPTER_CONFIG, peft_type="LORA", r=1, lora_alpha=1, target_modules=["query"])(folder)
    save_file({"x": torch.zeros(1)}, folder / ADAPTER_WEIGHTS)


def in_a_cache(folder: Path) -> None:
    """Each file is a link into a cache, as `snapshot_download` makes it."""
    for file in [path for path in folder.rglob("*") if path.is_file()]:
        blob = folder.parent / "blobs" / str(abs(hash(file)))
        blob.parent.mkdir(exist_ok=True)
        file.rename(blob)
        file.symlink_to(os.path.relpath(blob, file.parent))


def whole_repository(folder: Path) -> None:
    """The files of a repository of the Hub that serves several frameworks; none of the others is opened."""
    for name in (
        *("pytorch_model.bin", "tf_model.h5", "flax_model.msgpack", "rust_model.ot", "onnx/model.onnx", "train.py"),
        *("openvino/openvino_model.bin", "openvino/openvino_model.xml", "1_Pooling/notes.txt", ".gitattributes"),
        *("onnx/config.json", "data_config.json", "README.md", "coreml/x.mlpackage", "model.safetensors.index.json"),
    ):
        holds(name, b"\x80\x04 no JSON")(folder)


def in_an_old_layout(folder: Path) -> None:
    """The encoder has a folder of its own, as in the library's first versions."""
    (folder / "0_Transformer").mkdir()
    for name in (CONFIG, WEIGHTS, TOKENIZER, TOKENIZER_SETTINGS, ENCODER):
        (folder / name).rename(folder / "0_Transformer" / name)
    module(0, path="0_Transformer", type="sentence_transformers.models.Transformer")(folder)


# --- configuration that makes a library import, load or initialise something by name --------------------

CODE = (
    Attack(
        "an adapter's configuration in a base model",
        adapter(peft_type="LORA", megatron_config={}, megatron_core="megatron.core"),
        NOT_IN_A_BASE,
    ),
    Attack(
        "a module that PEFT imports",
        adapter(megatron_config={"a": 1}, megatron_core="megatron.core"),
        "megatron_config is .*, expected",
        LORA,
    ),
    Attack("another module that PEFT imports", adapter(megatron_core="megatron_here.core"), "megatron_core is", LORA),
    *(
        Attack(f"initialised by {how}", adapter(init_lora_weights=how), "init_lora_weights is .*, expected true", LORA)
        for how in ("corda", "eva", "loftq", "pissa", "pissa_niter_4", "olora", "lora_ga", "gaussian", False, 1)
    ),
    *(
        Attack(f"PEFT's {key}", adapter(**{key: value}), f"{key} is .*, expected", LORA)
        for key, value in (
            ("auto_mapping", {"base_model_class": "X", "parent_library": "evil"}),
            ("layer_replication", [[0, 1], [0, 2]]),
            ("modules_to_save", ["pooler"]),
            ("trainable_token_indices", [1]),
            ("target_parameters", ["query.weight"]),
            ("arrow_config", {"top_k": 1}),
            ("corda_config", {"cache_file": "elsewhere"}),
            ("eva_config", {"rho": 2.0}),
            ("loftq_config", {"loftq_bits": 4}),
            ("velora_config", {"num_groups": 1}),
            ("rank_pattern", {".*": 4}),
            ("alpha_pattern", {".*": 4}),
            ("use_dora", True),
            ("use_rslora", True),
            ("fan_in_fan_out", True),
            ("runtime_config", {"ephemeral_gpu_offload": True}),
            ("a_key_of_tomorrow", "evil.module"),
            ("bias", "all"),
            ("peft_type", "ADALORA"),
            ("task_type", "CAUSAL_LM"),
            ("target_modules", "all-linear"),
        )
    ),
    *(
        Attack(f"{name} with an auto_map", says(name, auto_map={"AutoModel": "evil.Model"}), OWN_CODE)
        for name in (CONFIG, TOKENIZER_SETTINGS, POOLING, MODEL, ENCODER, SPECIAL)
    ),
    *(
        Attack(f"the architecture's {key}", says(CONFIG, **{key: value}), f"{key} {NOT_ALLOWED}")
        for key, value in (
            ("attn_implementation", "kernels-community/flash-attn"),
            ("_attn_implementation", "kernels-community/flash-attn"),
            ("_attn_implementation_internal", "someone/kernel"),
            ("experts_implementation", "someone/kernel"),
            ("quantization_config", {"quant_method": "gptq"}),
            ("transformers_weights", "other.safetensors"),
            ("fusion_config", {"x": 1}),
            ("per_layer_config", {"0": {"hidden_act": "relu"}}),
            ("custom_pipelines", {"x": {"impl": "evil.Pipeline"}}),
            ("configuration_files", ["config.4.0.0.json"]),
            ("base_model_tp_plan", {"layers": "evil"}),
            ("use_kernels", True),
            ("backbone", "timm/evil"),
            ("processor_class", "EvilProcessor"),
            ("trust_remote_code", True),
            ("adapter_path", "evil"),
        )
    ),
    Attack("an activation that is no known one", says(CONFIG, hidden_act="xielu"), "hidden_act is 'xielu', expected"),
    Attack("a tokenizer named by the architecture", says(CONFIG, tokenizer_class="Evil"), "tokenizer_class is 'Evil'"),
    Attack(
        "another kind of network", says(CONFIG, model_type="timm_wrapper"), "model_type is .*, expected one of bert"
    ),
    Attack("a network within the network", says(CONFIG, text_config={"model_type": "x"}), "text_config"),
    Attack("a type of number named by a name", says(CONFIG, dtype="__class__"), "dtype is '__class__', expected"),
    Attack("a module of a package of its own", module(1, type="evil.Pooling"), OWN_CODE),
    Attack("a module that begins like the library", module(1, type="sentence_transformers_evil.Pooling"), OWN_CODE),
    *(
        Attack(f"the library's {name} as a module", module(1, type=f"sentence_transformers.{name}"), OWN_CODE)
        for name in (
            *("cross_encoder.model.CrossEncoder", "base.modules.router.Router", "models.CLIPModel"),
            *("util.import_from_string", "models.WordEmbeddings"),
        )
    ),
    Attack("a module from above the folder", module(1, path="../1_Pooling"), "path is '../1_Pooling', expected"),
    Attack("a module from anywhere", module(1, path="/etc"), "path is '/etc', expected"),
    Attack("a module with arguments", module(0, kwargs=["task"]), "kwargs is"),
    Attack("a module with more", module(0, module_class="evil.X"), f"module_class {NOT_KNOWN}"),
    *(
        Attack(f"an encoder with {key}", says(ENCODER, **{key: value}), f"{key} (is|{NOT_KNOWN})")
        for key, value in (
            ("model_args", {"attn_implementation": "someone/kernel"}),
            ("model_kwargs", {"trust_remote_code": True}),
            ("config_args", {"auto_map": {"AutoConfig": "evil.Config"}}),
            ("tokenizer_args", {"mistral_format": True}),
            ("processing_kwargs", {"chat_template": {"x": 1}}),
            ("tokenizer_name_or_path", "someone/else"),
            ("transformer_task", "any-to-any"),
            ("modality_config", {"text": {"method": "save_pretrained", "method_output_name": None}}),
            ("backend", "onnx"),
        )
    ),
    Attack(
        "an encoder's settings under another name",
        both(lacks(ENCODER), says("sentence_roberta_config.json", config_args={"x": 1})),
        "config_args is",
    ),
    *(
        Attack(f"a model with {key}", says(MODEL, **{key: value}), f"{key} (is|{NOT_KNOWN})")
        for key, value in (
            ("model_type", "CrossEncoder"),
            ("requirements", ["evil"]),
            ("truncate_dim", "x"),
            ("module_classes", {"x": "evil.X"}),
        )
    ),
    *(
        Attack(
            f"a tokenizer with {key}",
            says(TOKENIZER_SETTINGS, **{key: value}),
            f"{key} (is .*, expected|{NOT_ALLOWED})",
        )
        for key, value in (
            ("tokenizer_class", "MistralCommonBackend"),
            ("tokenizer_class", "EvilTokenizer"),
            ("tokenizer_class", "pipeline"),
            ("chat_template", "{{ cycler.__init__.__globals__.os.system('x') }}"),
            ("fast_tokenizer_files", ["tokenizer.4.0.0.json"]),
            ("init_inputs", ["/etc/passwd"]),
            ("processor_class", "EvilProcessor"),
            ("backend", "sentencepiece"),
            ("vocab_file", "/etc/passwd"),
            ("vocab", "/etc/passwd"),
            ("merges", "/etc/passwd"),
            ("tokenizer_object", "evil"),
            ("response_template", "evil"),
        )
    ),
    *(
        Attack(f"a base model with {name}", holds(name, "{}"), NOT_IN_A_BASE)
        for name in (
            *(ADAPTER_WEIGHTS, "adapter_model.bin", "processor_config.json", "preprocessor_config.json"),
            *("video_preprocessor_config.json", "chat_template.jinja", "additional_chat_templates/x.jinja"),
            *("chat_template.json", "tekken.json", "shard-00000-model-00000-of-00001.safetensors"),
        )
    ),
    *(
        Attack(f"a dense layer's {name}", with_dense(activation_function=name), "activation_function is .*, expected")
        for name in ("evil.Tanh", "torch.hub.load", "torch.nn.modules.activation.MultiheadAttention", "torch")
    ),
    Attack("generation by code", says("generation_config.json", custom_generate_code="x"), NOT_ALLOWED),
    *(
        Attack(f"a trained model with {key}", says(name, **{key: "x"}), f"{key} ({NOT_ALLOWED}|{NOT_KNOWN})", STANDARD)
        for name, key in ((CONFIG, "transformers_weights"), (MODEL, "requirements"), (POOLING, "loader"))
    ),
    Attack("an adapter whose tokenizer loads more", says(TOKENIZER_SETTINGS, vocab="x"), NOT_ALLOWED, LORA),
)

# --- folders whose vectors would be wrong ---------------------------------------------------------------

WEIGHTS_OF_NO_USE = (
    Attack("one value that is none", weights(last_is(torch.nan)), "values that are not finite"),
    Attack("an infinite value", weights(last_is(torch.inf)), "values that are not finite"),
    Attack("minus infinity in half precision", weights(last_is(-torch.inf, torch.float16)), "not finite"),
    Attack("no value in bfloat16", weights(last_is(torch.nan, torch.bfloat16)), "not finite"),
    Attack("no value in double precision", weights(last_is(torch.nan, torch.float64)), "not finite"),
    Attack("a trained model of no values", weights(every(lambda x: x * torch.nan)), "not finite", STANDARD),
    Attack("an adapter with one value that is none", weights(last_is(torch.nan), ADAPTER_WEIGHTS), "not finite", LORA),
    Attack("a dense layer of infinite values", with_dense(number=torch.inf), "not finite"),
    Attack("values of nothing but zeros", weights(every(torch.zeros_like)), "zero or not finite|the same embedding"),
    Attack("values too large to be added", weights(every(lambda x: x * 1e38)), "not finite|the same embedding"),
    Attack("whole numbers", weights(every(lambda x: (x * 100).to(torch.int8))), "holds I8, no weights"),
    Attack("an adapter of whole numbers", weights(every(torch.Tensor.int), ADAPTER_WEIGHTS), "holds I32", LORA),
    Attack("an adapter beside full weights", with_adapter, NOT_IN_A_BASE),
    Attack("an adapter beside trained weights", with_adapter, "expected one", STANDARD),
    Attack(
        "an adapter's configuration beside trained weights",
        adapter(peft_type="LORA"),
        "does not belong to this model",
        STANDARD,
    ),
    Attack("full weights beside an adapter", holds(WEIGHTS), "expected one", LORA),
    Attack("the architecture of full weights beside an adapter", holds(CONFIG, "{}"), "does not belong", LORA),
    *(
        Attack(f"a trained model with {name}", holds(name), "does not belong|a pickle", STANDARD)
        for name in ("model2.safetensors", "x.py", "1_Pooling/model.safetensors", ".hidden", "generation_config.json")
    ),
    Attack(
        "no pooling", modules(lambda entries: numbered([entries[0], entries[2]])), "the modules are Transformer, Nor"
    ),
    Attack("two poolings", modules(lambda entries: numbered([*entries[:2], entries[1]])), "the modules are"),
    Attack("two encoders", modules(lambda entries: numbered([entries[0], *entries])), "the modules are"),
    Attack("pooling first", modules(lambda entries: numbered([entries[1], entries[0]])), "the modules are"),
    Attack("an encoder alone", modules(lambda entries: entries[:1]), "the modules are Transformer; expected"),
    Attack("two modules of one name", module(1, name="0"), "module 1 has the number or name of another"),
    Attack("two modules of one number", module(1, idx=0), "module 1 has the number or name of another"),
    Attack("pooling of another width", says(POOLING, embedding_dimension=16), "is 16, the encoder's is 32"),
    Attack("pooling of two widths", says(POOLING, word_embedding_dimension=16), "is 16, 32, the encoder's is 32"),
    Attack("pooling of no way", says(POOLING, pooling_mode=[]), "pooling_mode is empty"),
    Attack("pooling of a way that is none", says(POOLING, pooling_mode="best"), "pooling_mode is 'best', expected"),
    Attack("other vectors normalised", says(NORMALIZE, module_input_name="token_embeddings"), "module_input_name is"),
    Attack("vectors normalised to nowhere", says(NORMALIZE, module_output_name="x"), "module_output_name is 'x'"),
    Attack("a dense layer of another width", with_dense(out=16), "does not fit config.json"),
    Attack("a dense layer for another width", with_dense(in_features=8), "does not fit config.json"),
    Attack("a dense layer without weights", both(with_dense(), lacks(f"3_Dense/{WEIGHTS}")), "missing"),
    Attack("the tokenizer of nothing", vocabulary(lambda _: {}), "cannot be loaded|tokens up to number"),
    Attack("half of the tokenizer", vocabulary(lambda v: dict(list(v.items())[:40])), "tokens up to number 39"),
    Attack(
        "a token that is missing", vocabulary(lambda v: {k: i for k, i in v.items() if k != "##9"}), "has 80 tokens"
    ),
    Attack("the tokenizer of a larger model", vocabulary(lambda v: v | {"zz": len(v)}), "tokens up to number 81"),
    Attack("two tokens of one number", vocabulary(lambda v: v | {"c": 3}), "has 80 tokens"),
    Attack("a token with a number of its own", vocabulary(lambda v: v | {"##z": 5000}), "up to number 5000"),
    Attack("a network that looks ahead only", says(CONFIG, is_decoder=True), "is_decoder is True, expected false"),
    Attack("positions that the library ignores", says(CONFIG, position_embedding_type="relative_key"), "position_em"),
    Attack("a tensor that is missing", weights(lambda t: t.pop("encoder.layer.1.output.dense.bias")), "is missing"),
)

# --- folders that ended in a library's error, or never --------------------------------------------------

SIZES = ("vocab_size", "hidden_size", "num_hidden_layers", "intermediate_size", "max_position_embeddings")

MALFORMED = (
    *(
        Attack(f"{key} is {size!r}", says(CONFIG, **{key: size}), f"{key} is ")
        for key, sizes in (
            ("num_hidden_layers", (1_000_000, 1, 3, 0, -1, 2.0, "2", None, True, [2], {})),
            ("hidden_size", (10**12, 16, 0, "32", None)),
            ("vocab_size", (10**9, 80, -81, [81])),
            ("intermediate_size", (10**7, 63, False)),
            ("max_position_embeddings", (10**7, 127, 129, {})),
            ("type_vocab_size", (10**7, 3, 0)),
            ("num_attention_heads", (0, 3, 64, -2, "2", None)),
            ("num_labels", (10**9, -1, "x")),
            ("hidden_dropout_prob", (2, -0.1, "0.1", [0.1])),
            ("layer_norm_eps", (-1, "small", None, 10**99)),
            ("initializer_range", ({}, "x")),
            ("pad_token_id", ("0", [0], 1.5, -2)),
            ("model_type", (None, 5, [], "no-such-model")),
            ("architectures", ("BertModel", {}, [1])),
            ("id2label", ([], {"0": {}})),
            ("pruned_heads", ({"0": [0]},)),
            ("chunk_size_feed_forward", (1, "x")),
        )
        for size in sizes
    ),
    *(Attack(f"no {key}", silent(CONFIG, key), f"{key} is missing") for key in (*SIZES, "model_type")),
    Attack("a padding token beyond the vocabulary", says(CONFIG, pad_token_id=5000), "cannot be loaded as a model"),
    *(
        Attack(f"{name} of {limit!r} tokens", says(name, **{key: limit}), f"{key} is |keeps 4096 tokens")
        for name, key in ((ENCODER, "max_seq_length"), (TOKENIZER_SETTINGS, "model_max_length"))
        for limit in (-1, 0, 1, "long", [], True)
    ),
    Attack("texts longer than the positions", says(ENCODER, max_seq_length=4096), "positions for 128 tokens"),
    Attack("a padding length that is none", says(TOKENIZER_SETTINGS, max_length=0), "max_length is 0"),
    *(
        Attack(f"{name} is a pipe", instead(name, os.mkfifo), "no regular file")
        for name in (
            *(CONFIG, WEIGHTS, MODULES, TOKENIZER, TOKENIZER_SETTINGS, ENCODER, MODEL, POOLING, NORMALIZE),
            *("README.md", "vocab.txt", "added_tokens.json", SPECIAL, "generation_config.json"),
        )
    ),
    *(
        Attack(
            f"{name} leads to itself", instead(name, leads_to(name.rpartition("/")[2])), "levels of symbolic links|no m"
        )
        for name in (CONFIG, WEIGHTS, MODULES, TOKENIZER, POOLING, "README.md")
    ),
    *(
        Attack(f"{name} leads nowhere", instead(name, leads_to("nowhere")), "No such file|no (modul|model)|missing")
        for name in (CONFIG, WEIGHTS, MODULES, TOKENIZER_SETTINGS)
    ),
    *(
        Attack(f"{name} leads to a device", instead(name, leads_to("/dev/zero")), "no regular file")
        for name in (CONFIG, WEIGHTS, TOKENIZER, MODULES, "README.md")
    ),
    *(
        Attack(f"{name} is a folder", instead(name, lambda path: path.mkdir()), "damaged|no tokenizer|cannot be read")
        for name in (CONFIG, WEIGHTS, TOKENIZER, MODULES, POOLING, ENCODER)
    ),
    *(
        Attack(f"{name} is {what}", holds(name, content), "damaged|expected")
        for name in (CONFIG, MODULES, TOKENIZER, TOKENIZER_SETTINGS, ENCODER, MODEL, POOLING)
        for what, content in (
            ("empty", b""),
            ("no JSON", b"{"),
            ("a number", b"7"),
            ("nested too deeply", b"[" * 100_000),
            ("a number of 5,000 digits", b'{"x": ' + b"9" * 5_000 + b"}"),
            ("UTF-16", '{"x": 1}'.encode("utf-16")),
            ("of nulls", b"\0" * 64),
        )
    ),
    *(
        Attack(f"weights {what}", change, "damaged, no safetensors file")
        for what, change in (
            ("of no bytes", holds(WEIGHTS)),
            ("of noise", holds(WEIGHTS, bytes(range(256)) * 8)),
            ("with an endless header", holds(WEIGHTS, b"\xff" * 7 + b"\x7f" + b"{}")),
            ("that are cut", cut(WEIGHTS, 5_000)),
            ("that are a pickle", holds(WEIGHTS, b"\x80\x04K\x01.")),
        )
    ),
    Attack("weights of no tensors", weights(lambda _: {}), "is 81, the weights have none"),
    Attack("layers with a gap", renamed(lambda n: n.replace("layer.1", "layer.7")), "num_hidden_layers is 2"),
    Attack("a tensor of no dimension", weights(lambda t: t.update({EMBEDDING: torch.tensor(1.0)})), "vocab_size is 81"),
    Attack(
        "a tensor of another shape", weights(lambda t: t.update({EMBEDDING: t[EMBEDDING][:, :16]})), "cannot be loa"
    ),
    Attack(
        "a trained model of a million layers", says(CONFIG, num_hidden_layers=10**6), "the weights have 2", STANDARD
    ),
    Attack("a trained model with a pipe", lambda f: os.mkfifo(f / "x.json"), "no regular file", STANDARD),
    Attack("a trained model that leads elsewhere", instead(CONFIG, leads_to("/etc/passwd")), "a link", STANDARD),
    *(
        Attack(f"an adapter with {key} {value!r}", adapter(**{key: value}), f"{key} is", LORA)
        for key, value in (("r", 0), ("r", 10**9), ("r", "8"), ("r", True), ("lora_alpha", None), ("lora_dropout", 2))
    ),
    Attack("an adapter of nothing", adapter(target_modules=[]), "target_modules name no module", LORA),
    Attack("an adapter of numbers", adapter(target_modules=[1]), "target_modules is", LORA),
    Attack("an adapter whose base is a list", holds("base_model.json", "[]"), "damaged", LORA),
    Attack(
        "a token numbered without end",
        says(TOKENIZER_SETTINGS, added_tokens_decoder={str(10**12): {"content": "x"}}),
        "it numbers a token",
    ),
    Attack("a token numbered by a word", says(TOKENIZER_SETTINGS, added_tokens_decoder={"x": {"content": "x"}}), "-1"),
    Attack("a token added beyond the vocabulary", says("added_tokens.json", x=81), "it numbers a token 81"),
    Attack("an added token that is a word", says("added_tokens.json", x="y"), "x is 'y', expected a whole number"),
    Attack("a special token that is a number", says(TOKENIZER_SETTINGS, pad_token=5), "pad_token is 5"),
    Attack("special tokens that are no tokens", says(SPECIAL, pad_token=[1]), "pad_token is"),
    Attack("a tokenizer without a model", silent(TOKENIZER, "model"), "model is missing"),
    Attack(
        "a tokenizer of another kind", says(TOKENIZER, model={"type": "Unigram", "vocab": 5}), "cannot be loaded|tok"
    ),
    Attack("a tokenizer with a normaliser that is none", says(TOKENIZER, normalizer={"type": "X"}), "cannot be loaded"),
    Attack("no tokenizer", lacks(TOKENIZER), "no tokenizer; a sentence-transformers folder is expected"),
    Attack("no weights", lacks(WEIGHTS), f"no {WEIGHTS}; a sentence-transformers folder is expected"),
    Attack("no modules", lacks(MODULES), f"no {MODULES}; a sentence-transformers folder is expected"),
    Attack("no pooling's configuration", lacks("1_Pooling"), "missing"),
    Attack("a name that is no name", module(1, name="a.b"), "name is 'a.b', expected"),
    Attack("a prompt that is a number", says(MODEL, prompts={"query": 5}), "prompts is"),
    Attack(
        "a prompt that does not exist", says(MODEL, default_prompt_name="no"), "cannot be loaded|there is no prompt"
    ),
)

# --- files that no record names -------------------------------------------------------------------------

STRAYS = (
    Attack("code", holds("evil.py"), "evil.py"),
    Attack("a hidden file", holds(".evil"), ".evil"),
    Attack("an adapter", holds(ADAPTER_WEIGHTS), ADAPTER_WEIGHTS),
    Attack("an adapter's configuration", holds(ADAPTER_CONFIG), ADAPTER_CONFIG),
    Attack("a file within a module", holds("1_Pooling/model.safetensors"), "1_Pooling/model.safetensors"),
    Attack("a folder of files", holds("more/deep/x.json"), "more/deep/x.json"),
    Attack("an older copy", holds("model.safetensors.bak"), "model.safetensors.bak"),
    Attack("a link", lambda f: (f / "link").symlink_to("/etc/passwd"), "link"),
    Attack("a link to a folder", lambda f: (f / "linked").symlink_to("/etc"), "linked"),
    Attack("a pipe", lambda f: os.mkfifo(f / "pipe"), "pipe"),
    Attack("a pickle", holds("pytorch_model.bin"), "pytorch_model.bin"),
    Attack("another tokenizer", holds("vocab.txt"), "vocab.txt"),
    Attack("a name that a shell would obey", holds("$(touch x) \n.json"), "$(touch x)"),
    Attack("a chat template", holds("chat_template.jinja"), "chat_template.jinja"),
)

# --- folders that must be read --------------------------------------------------------------------------

VALID = (
    Attack("as it is", lambda _: None),
    Attack("links into a cache", in_a_cache),
    Attack("a whole repository of the Hub", whole_repository),
    Attack("the encoder in a folder of its own", in_an_old_layout),
    Attack("the old names of norms", renamed(lambda n: n.replace("LayerNorm.weight", "LayerNorm.gamma"))),
    Attack(
        "all old names of norms",
        renamed(lambda n: n.replace("Norm.weight", "Norm.gamma").replace("Norm.bias", "Norm.beta")),
    ),
    Attack("names with the family before them", renamed(lambda n: f"bert.{n}")),
    Attack(
        "the head of a language model",
        both(renamed(lambda n: f"bert.{n}"), weights(lambda t: t.update({"cls.predictions.bias": torch.zeros(81)}))),
    ),
    Attack("without a pooler", weights(lambda t: {k: v for k, v in t.items() if not k.startswith("pooler.")})),
    Attack("with positions counted", weights(lambda t: t.update({"embeddings.position_ids": torch.arange(128)[None]}))),
    Attack("in half precision", weights(every(torch.Tensor.half))),
    Attack("in bfloat16", weights(every(torch.Tensor.bfloat16))),
    Attack(
        "with keys of other versions",
        says(CONFIG, gradient_checkpointing=False, pooler_type="first", directionality="bidi", model_extra=1),
    ),
    Attack("with labels", says(CONFIG, id2label={"0": "LABEL_0"}, label2id={"LABEL_0": 0}, torch_dtype="float16")),
    Attack("with no limit of length", says(TOKENIZER_SETTINGS, model_max_length=int(1e30))),
    Attack("with a limit of length", says(ENCODER, max_seq_length=64, do_lower_case=False)),
    Attack(
        "with a tokenizer's settings of the Hub",
        says(
            TOKENIZER_SETTINGS,
            name_or_path="microsoft/mpnet-base",
            special_tokens_map_file="/elsewhere/x",
            tokenizer_file=None,
            do_basic_tokenize=True,
            never_split=None,
            max_length=128,
            pad_to_multiple_of=None,
            pad_token_type_id=0,
            padding_side="right",
            stride=0,
            truncation_side="right",
            truncation_strategy="longest_first",
            clean_up_tokenization_spaces=True,
            additional_special_tokens=[],
            added_tokens_decoder={"0": {"content": "[PAD]", "lstrip": False, "normalized": False, "special": True}},
        ),
    ),
    Attack("with special tokens", says(SPECIAL, pad_token="[PAD]", unk_token={"content": "[UNK]", "lstrip": False})),
    Attack("with prompts", says(MODEL, prompts={"query": "query: "}, default_prompt_name="query")),
    Attack("with settings of generation", says("generation_config.json", pad_token_id=0, _from_model_config=True)),
    Attack("without a normalising module", modules(lambda entries: entries[:2])),
    Attack("with a dense layer", with_dense()),
    Attack(
        "with the old keys of pooling",
        both(
            holds(POOLING, "{}"),
            says(POOLING, word_embedding_dimension=32, pooling_mode_mean_tokens=True, pooling_mode_cls_token=False),
        ),
    ),
    Attack("with two ways of pooling", says(POOLING, pooling_mode=["mean", "cls"])),
    Attack(
        "with the old names of modules",
        both(
            *(
                module(i, type=f"sentence_transformers.models.{kind}")
                for i, kind in enumerate(("Transformer", "Pooling", "Normalize"))
            )
        ),
    ),
    Attack("with a file of the system", holds(".DS_Store")),
)
