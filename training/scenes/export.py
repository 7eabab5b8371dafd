"""A finished run as a model folder in diffusers' layout, f16 safetensors."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from scenes import ART
from scenes.diffusion import GUIDANCE, SCHEDULER, STEPS
from scenes.patches import NAME, at
from scenes.presets import Preset
from scenes.vocabulary import suggestions

PLACES = {"unet": ("unet", "diffusion_pytorch_model.safetensors"), "vae": ("vae", "diffusion_pytorch_model.safetensors"),
          "text": ("text_encoder", "model.safetensors")}
INDEX = {
    "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0", "feature_extractor": [None, None],
    "requires_safety_checker": False, "safety_checker": [None, None], "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
}


def load(model: Path, part: str) -> dict[str, torch.Tensor]:
    """The weights of `unet`, `vae` or `text` in a model folder, as f32."""
    folder, name = PLACES[part]
    return {key: value.float() for key, value in load_file(model / folder / name).items()}


def export(preset: Preset, run: Path, out: Path) -> float:
    """Writes the averaged weights of `run` to `out`; returns the size in MB. A decoder that the run has not trained stays as it is there."""
    weights = torch.load(run / "unet" / "state.pt", map_location="cpu", weights_only=True)["ema"]
    if (run / "vae" / "state.pt").exists():
        weights |= torch.load(run / "vae" / "state.pt", map_location="cpu", weights_only=True)["ema"]
    elif not (out / PLACES["vae"][0] / PLACES["vae"][1]).exists():
        raise SystemExit(f"{run / 'vae'} has no trained decoder, and {out} has none to keep")
    configs = {"unet": preset.unet_config, "text": preset.text_config,
               "vae": preset.vae_config}
    for part, (folder, name) in PLACES.items():
        if part not in weights:
            continue
        (out / folder).mkdir(parents=True, exist_ok=True)
        tensors = {key: value.to(torch.float16).contiguous() for key, value in weights[part].items()}
        save_file(tensors, out / folder / name, {"format": "pt"})
        _write(out / folder / "config.json", configs[part])
    (out / "scheduler").mkdir(exist_ok=True)
    _write(out / "scheduler" / "scheduler_config.json", SCHEDULER)
    _write(out / "model_index.json", INDEX)
    _write(out / "words.json", suggestions())
    shutil.copy(run / "vae" / NAME, out / NAME)  # to train on
    _write(out / "preview.json", at(run / "vae", preset.size, preset.latents, preset.cell).preview())
    if not (out / "defaults.json").exists():  # the benchmark's strengths are written there by hand
        _write(out / "defaults.json", {"width": preset.size, "height": preset.size, "steps": STEPS, "guidance_scale": GUIDANCE})
    shutil.copytree(ART / "tokenizer", out / "tokenizer", dirs_exist_ok=True)
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6


def _write(path: Path, value: dict | list) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")
