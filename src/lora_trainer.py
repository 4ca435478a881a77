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
from .embedding.allowed_config import POOLER_LAYER
from .embedding.model_files import ADAPTER_CONFIG, ADAPTER_WEIGHTS, BASE_RECORD
from .embedding.model_folder_checks import network_of
from .storage.files import write_text
from .trainer import StandardTrainer
from .training.lora_targets import adapted_modules, with_targets
from .training.notices import adapted
from .training.saved_state import refuse_other_tensors

if TYPE_CHECKING:
    from pathlib import Path

    from sentence_transformers import SentenceTransformer

    from .models import LoraSettings, TrainConfig
    from .workflow.context import RunContext


class LoraTrainer(StandardTrainer):
    """Trains low-rank updates of some linear modules of the encoder; all other weights stay frozen."""

    weights_file: ClassVar[str] = ADAPTER_WEIGHTS

    def __init__(self, context: RunContext, config: TrainConfig) -> None:
        """Prepare a training.

        Raises:
            UserInputError: The base model has none of the modules that LoRA is to adapt.
        """
        super().__init__(context, with_targets(config, context.base))
        self.adapted_modules = adapted_modules(self.config, context.base)

    @property
    def settings(self) -> LoraSettings:
        """The adapter's part of the recipe."""
        if self.config.lora is None:
            raise UserInputError("LoRA settings are missing from the recipe")
        return self.config.lora

    def prepare(self, model: SentenceTransformer) -> None:
        """Add the adapter, and freeze all else.

        Raises:
            ModelError: The library adapts other modules than those that were found by their names.
        """
        # the adapter's first matrix is drawn at random here, before the library's trainer sets its seed
        set_seed(self.config.seed)
        settings, network = self.settings, network_of(model[0])
        targets = list(settings.target_modules or ())
        # the library warns where there is nothing to leave out
        in_reach = POOLER_LAYER.rpartition(".")[2] in targets and POOLER_LAYER in dict(network.named_modules())
        model.add_adapter(
            LoraConfig(
                task_type="FEATURE_EXTRACTION",
                r=settings.rank,
                lora_alpha=settings.alpha,
                lora_dropout=settings.dropout,
                target_modules=targets,
                exclude_modules=[POOLER_LAYER] if in_reach else None,
            )
        )
        # the library freezes the encoder alone
        for module in list(model)[1:]:
            module.requires_grad_(requires_grad=False)
        found = {name for name, module in network.named_modules() if isinstance(module, LoraLayer)}
        if found != set(self.adapted_modules):
            name = min(found ^ set(self.adapted_modules))
            raise ModelError(f"{self.context.base.name}: LoRA cannot adapt {name}; choose other --target-modules")
        self.context.say_once(adapted(self.config.name, targets, len(found)))

    def load_state(self, model: SentenceTransformer, checkpoint: Path) -> None:
        """Put a checkpoint's adapter weights into the model's adapter.

        Raises:
            ModelError: A weight is missing or does not fit.
        """
        weights = load_file(checkpoint / ADAPTER_WEIGHTS)
        refuse_other_tensors(weights, get_peft_model_state_dict(network_of(model[0])))
        result: Any = set_peft_model_state_dict(network_of(model[0]), weights, adapter_name="default")
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
