"""Tables of values, of the command line and of the environment, that a command must refuse, and some that it must take.

`test_attacks_on_commands.py` tries them. A value is tried with every option of every command, so that a new option
needs no line here; a new value, or a new variable, needs one.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# what `float` reads and no comparison can use
NOT_FINITE = (
    "nan",
    "NaN",
    "-nan",
    "+nan",
    " nan ",
    "inf",
    "-inf",
    "+Inf",
    "infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "1_0e9_99",
    "9" * 400,
    "٩" * 400,  # Python reads digits of any script
    "\u00a0inf\u3000",
)
# whole numbers that no count, size or step can have
TOO_LARGE = ("9" * 20, "9" * 400, "-" + "9" * 400, "9" * 5000, "1_000_000_000_000_000_000_000")
# what an unset variable leaves, and what cannot be told from it by eye
BLANK = (
    "",
    " ",
    "   ",
    "\t",
    "\n",
    "\r\n",
    "\v\f",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u200b",
    "\ufeff",
    "\x1b",
    " \u2060\u200d ",
)

LAUNCHED: Mapping[str, str] = MappingProxyType(
    {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}
)


def _without(name: str) -> dict[str, str]:
    return {key: value for key, value in LAUNCHED.items() if key != name}


# a variable that the message has to name, and the environment that is wrong
ENVIRONMENTS: tuple[tuple[str, Mapping[str, str]], ...] = (
    # several processes
    ("WORLD_SIZE", {"WORLD_SIZE": "abc"}),
    ("WORLD_SIZE", {"WORLD_SIZE": ""}),
    ("WORLD_SIZE", {"WORLD_SIZE": "0"}),
    ("WORLD_SIZE", {"WORLD_SIZE": "2"}),
    ("WORLD_SIZE", {**LAUNCHED, "WORLD_SIZE": "-1"}),
    ("WORLD_SIZE", {**LAUNCHED, "WORLD_SIZE": "1.0"}),
    ("WORLD_SIZE", {**LAUNCHED, "WORLD_SIZE": "9" * 30}),
    ("WORLD_SIZE", {**LAUNCHED, "WORLD_SIZE": "٢"}),
    ("WORLD_SIZE", {**LAUNCHED, "WORLD_SIZE": "\x1b[2J"}),
    ("RANK", {"RANK": "0"}),
    ("RANK", {"RANK": "3"}),
    ("RANK", {"RANK": "x"}),
    ("RANK", {**LAUNCHED, "RANK": "1"}),
    ("RANK", {**LAUNCHED, "RANK": "-1"}),
    ("LOCAL_RANK", {"LOCAL_RANK": "0"}),
    ("LOCAL_RANK", {"LOCAL_RANK": "-1"}),
    ("LOCAL_RANK", {**LAUNCHED, "LOCAL_RANK": "2", "LOCAL_WORLD_SIZE": "2"}),
    *((name, _without(name)) for name in LAUNCHED),
    ("MASTER_PORT", {**LAUNCHED, "MASTER_PORT": "http"}),
    ("MASTER_PORT", {**LAUNCHED, "MASTER_PORT": "65536"}),
    ("MASTER_ADDR", {**LAUNCHED, "MASTER_ADDR": ""}),
    ("MASTER_ADDR", {**LAUNCHED, "MASTER_ADDR": "two words"}),
    ("TORCH_DISTRIBUTED_DEBUG", {"TORCH_DISTRIBUTED_DEBUG": "loud"}),
    ("PMI_SIZE", {"PMI_SIZE": "4"}),
    ("OMPI_COMM_WORLD_SIZE", {"OMPI_COMM_WORLD_SIZE": "x"}),
    ("FORK_LAUNCHED", {"FORK_LAUNCHED": "maybe"}),
    # threads and devices
    ("OMP_NUM_THREADS", {"OMP_NUM_THREADS": "abc"}),
    ("OMP_NUM_THREADS", {"OMP_NUM_THREADS": ""}),
    ("OMP_NUM_THREADS", {"OMP_NUM_THREADS": "0"}),
    ("MKL_NUM_THREADS", {"MKL_NUM_THREADS": "-2"}),
    ("NUMBA_NUM_THREADS", {"NUMBA_NUM_THREADS": "many"}),
    ("LOKY_MAX_CPU_COUNT", {"LOKY_MAX_CPU_COUNT": "half"}),
    ("CUDA_VISIBLE_DEVICES", {"CUDA_VISIBLE_DEVICES": "abc"}),
    ("CUDA_VISIBLE_DEVICES", {"CUDA_VISIBLE_DEVICES": "0;1"}),
    # another way of training
    ("ACCELERATE_USE_DEEPSPEED", {"ACCELERATE_USE_DEEPSPEED": "true"}),
    ("ACCELERATE_USE_FSDP", {"ACCELERATE_USE_FSDP": "1"}),
    ("ACCELERATE_USE_MEGATRON_LM", {"ACCELERATE_USE_MEGATRON_LM": "perhaps"}),
    ("ACCELERATE_USE_CPU", {"ACCELERATE_USE_CPU": ""}),
    ("ACCELERATE_MIXED_PRECISION", {"ACCELERATE_MIXED_PRECISION": "fp16"}),
    ("ACCELERATE_GRADIENT_ACCUMULATION_STEPS", {"ACCELERATE_GRADIENT_ACCUMULATION_STEPS": "4"}),
    ("ACCELERATE_DYNAMO_BACKEND", {"ACCELERATE_DYNAMO_BACKEND": "inductor"}),
    ("ACCELERATE_DYNAMO_MODE", {"ACCELERATE_DYNAMO_MODE": "reduce-overhead"}),
    ("ACCELERATE_TORCH_DEVICE", {"ACCELERATE_TORCH_DEVICE": "meta"}),
    ("ACCELERATE_LOG_LEVEL", {"ACCELERATE_LOG_LEVEL": "chatty"}),
    ("ACCELERATE_ENABLE_RICH", {"ACCELERATE_ENABLE_RICH": "very"}),
    ("USE_TORCH_XLA", {"USE_TORCH_XLA": "abc"}),
    # debugging
    ("TORCH_LOGS", {"TORCH_LOGS": "nonsense"}),
    ("TORCH_CUDA_SANITIZER", {"TORCH_CUDA_SANITIZER": "0"}),
    ("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", {"TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}),
    ("NUMBA_BOUNDSCHECK", {"NUMBA_BOUNDSCHECK": "1"}),
    ("NUMBA_DUMP_IR", {"NUMBA_DUMP_IR": "1"}),
    ("NUMBA_DEBUG_TYPEINFER", {"NUMBA_DEBUG_TYPEINFER": "1"}),
    ("NUMBA_THREADING_LAYER", {"NUMBA_THREADING_LAYER": "nonsense"}),
    # read while a library is imported
    ("HF_HUB_ETAG_TIMEOUT", {"HF_HUB_ETAG_TIMEOUT": "abc"}),
    ("HF_HUB_DOWNLOAD_TIMEOUT", {"HF_HUB_DOWNLOAD_TIMEOUT": "1.5"}),
    ("HF_DATASETS_IN_MEMORY_MAX_SIZE", {"HF_DATASETS_IN_MEMORY_MAX_SIZE": "2GB"}),
    ("TQDM_MININTERVAL", {"TQDM_MININTERVAL": "fast"}),
    ("TQDM_NCOLS", {"TQDM_NCOLS": ""}),
    ("SKLEARN_WORKING_MEMORY", {"SKLEARN_WORKING_MEMORY": "1G"}),
    ("NUMPY_MADVISE_HUGEPAGE", {"NUMPY_MADVISE_HUGEPAGE": "always"}),
    ("JOBLIB_START_METHOD", {"JOBLIB_START_METHOD": "abc"}),
    ("JOBLIB_MULTIPROCESSING", {"JOBLIB_MULTIPROCESSING": "no"}),
    ("TORCHDYNAMO_REPRO_LEVEL", {"TORCHDYNAMO_REPRO_LEVEL": "deep"}),
    ("LOKY_MAX_DEPTH", {"LOKY_MAX_DEPTH": "abc"}),
    ("LOKY_PICKLER", {"LOKY_PICKLER": "abc"}),
    ("NUMBA_DYLD_WORKAROUND", {"NUMBA_DYLD_WORKAROUND": "abc"}),
    ("PYTORCH_JIT", {"PYTORCH_JIT": "abc"}),
    ("TORCH_DISABLE_NATIVE_JIT", {"TORCH_DISABLE_NATIVE_JIT": "abc"}),
    ("PYTORCH_CUDA_ALLOC_CONF", {"PYTORCH_CUDA_ALLOC_CONF": "nonsense"}),  # PyTorch aborts
    ("GOMP_CPU_AFFINITY", {"GOMP_CPU_AFFINITY": "abc"}),  # PyTorch waits for ever
    ("MKL_VERBOSE", {"MKL_VERBOSE": "1"}),
    ("ONEDNN_VERBOSE", {"ONEDNN_VERBOSE": "all"}),
    # words
    ("TRANSFORMERS_VERBOSITY", {"TRANSFORMERS_VERBOSITY": "nonsense"}),
    ("DATASETS_VERBOSITY", {"DATASETS_VERBOSITY": "5"}),
    # the terminal
    ("COLUMNS", {"COLUMNS": "abc"}),
    ("COLUMNS", {"COLUMNS": "0"}),
    ("COLUMNS", {"COLUMNS": "²"}),
    ("COLUMNS", {"COLUMNS": "99999999"}),
    ("LINES", {"LINES": "-1"}),
    # folders
    ("HF_HOME", {"HF_HOME": ""}),
    ("HUGGINGFACE_HUB_CACHE", {"HUGGINGFACE_HUB_CACHE": "\t"}),
    ("HOME", {"HOME": " "}),
    ("XDG_CACHE_HOME", {"XDG_CACHE_HOME": "\u200b"}),
)

# what torchrun, a scheduler, a container or a user may well have set
TAKEN: tuple[Mapping[str, str], ...] = (
    {},
    LAUNCHED,
    {
        **LAUNCHED,
        "WORLD_SIZE": "16",
        "RANK": "9",
        "LOCAL_RANK": "1",
        "LOCAL_WORLD_SIZE": "8",
        "MASTER_ADDR": "node-0.x",
    },
    {**LAUNCHED, "MASTER_ADDR": "::1"},
    {"MASTER_ADDR": "node-0", "MASTER_PORT": "29500"},
    {"PMI_SIZE": "1", "SLURM_PROCID": "3", "SLURM_NTASKS": "4"},
    {"OMP_NUM_THREADS": "8", "MKL_NUM_THREADS": " 2 "},
    {"CUDA_VISIBLE_DEVICES": ""},
    {"CUDA_VISIBLE_DEVICES": "-1"},
    {"CUDA_VISIBLE_DEVICES": "0,2, 3"},
    {"CUDA_VISIBLE_DEVICES": "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6,MIG-1/2/3"},
    {"ACCELERATE_MIXED_PRECISION": "no", "ACCELERATE_DYNAMO_BACKEND": "NO", "ACCELERATE_USE_CPU": "False"},
    {
        "ACCELERATE_USE_CPU": "True",
        "ACCELERATE_DYNAMO_MODE": "default",
        "ACCELERATE_DYNAMO_USE_DYNAMIC": "False",
        "KMP_BLOCKTIME": "1",
    },
    {"ACCELERATE_GRADIENT_ACCUMULATION_STEPS": "1", "ACCELERATE_LOG_LEVEL": "WARNING"},
    {"NUMBA_CACHE_DIR": "/data/numba", "NUMBA_DISABLE_JIT": "1", "NUMBA_DISABLE_INTEL_SVML": "1"},
    {"HF_HOME": "/data/hf", "HF_HUB_OFFLINE": "1", "HF_HUB_ETAG_TIMEOUT": "30", "HF_TOKEN": ""},
    {
        "TRANSFORMERS_VERBOSITY": "error",
        "TOKENIZERS_PARALLELISM": "true",
        "TQDM_MININTERVAL": "0.5",
        "TQDM_DISABLE": "1",
    },
    {
        "COLUMNS": "",
        "LINES": "24",
        "LANG": "C",
        "TERM": "dumb",
        "NO_COLOR": "",
        "FORCE_COLOR": "1",
        "TMPDIR": "/nowhere",
    },
    {"PYTORCH_CUDA_ALLOC_CONF": "max_split_size_mb:128,expandable_segments:True", "GOMP_CPU_AFFINITY": "0-3, 5 7"},
    {"TORCH_ALLOW_TF32_CUBLAS_OVERRIDE": "1", "TORCH_CPP_LOG_LEVEL": "ERROR"},
)
