"""LoRA (Hu et al. 2021) as a delta to the standard training: an adapter is added, trained and saved alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from peft import LoraConfig
from peft.tuners.lora import LoraLayer
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import set_seed

from .core.errors import ModelError, UserInputError
from .embedding.model_files import ADAPTER_CONFIG, ADAPTER_WEIGHTS, BASE_RECORD
from .storage.files import write_text
from .trainer import StandardTrainer, transformer_of
from .training.saved_state import refuse_other_tensors

if TYPE_CHECKING:
    from pathlib import Path

    from sentence_transformers import SentenceTransformer

    from .models import LoraSettings


class LoraTrainer(StandardTrainer):
    """Trains low-rank updates of the attention's query and value projections; the base weights stay frozen."""

    weights_file: ClassVar[str] = ADAPTER_WEIGHTS

    @property
    def settings(self) -> LoraSettings:
        """The adapter's part of the recipe."""
        if self.config.lora is None:
            raise UserInputError("LoRA settings are missing from the recipe")
        return self.config.lora

    def prepare(self, model: SentenceTransformer) -> None:
        """Add the adapter.

        Raises:
            ModelError: A target module does not exist in this model; the library would skip it in silence.
        """
        # the adapter's first matrix is drawn at random here, before the library's trainer sets its seed
        set_seed(self.config.seed)
        settings = self.settings
        model.add_adapter(
            LoraConfig(
                task_type="FEATURE_EXTRACTION",
                r=settings.rank,
                lora_alpha=settings.alpha,
                lora_dropout=settings.dropout,
                target_modules=list(settings.target_modules),
            )
        )
        found = {name.rpartition(".")[2] for name, module in model.named_modules() if isinstance(module, LoraLayer)}
        if found != set(settings.target_modules):
            raise ModelError(f"the base model has no modules {sorted(set(settings.target_modules) - found)} for LoRA")

    def load_state(self, model: SentenceTransformer, checkpoint: Path) -> None:
        """Put a checkpoint's adapter weights into the model's adapter.

        Raises:
            ModelError: A weight is missing or does not fit.
        """
        weights = load_file(checkpoint / ADAPTER_WEIGHTS)
        refuse_other_tensors(weights, get_peft_model_state_dict(transformer_of(model)))
        result: Any = set_peft_model_state_dict(transformer_of(model), weights, adapter_name="default")
        missing = [key for key in result.missing_keys if "lora_" in key]
        if missing or result.unexpected_keys:
            raise ModelError(f"{checkpoint / ADAPTER_WEIGHTS}: does not fit: {[*missing, *result.unexpected_keys][0]}")

    def save_model(self, model: SentenceTransformer, folder: Path) -> None:
        """Write the adapter, which base model it belongs to, and no path of this machine."""
        super().save_model(model, folder)
        base = self.context.base
        config = json.loads((folder / ADAPTER_CONFIG).read_text(encoding="utf-8"))
        config["base_model_name_or_path"] = base.name
        # a set in the library, which it writes in an order that differs from process to process
        config["target_modules"] = sorted(config["target_modules"])
        write_text(folder / ADAPTER_CONFIG, json.dumps(config, indent=2, sort_keys=True) + "\n")
        write_text(folder / BASE_RECORD, json.dumps({"name": base.name, "sha256": base.sha256}, indent=2) + "\n")
