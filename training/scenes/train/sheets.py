"""Sheets to look at while a run goes on."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from scenes.models.vae import Autoencoder
from scenes.patches import Patches
from scenes.render.compose import render
from scenes.render.scene import HELD_OUT
from scenes.train.data import pixels, to_signed
from scenes.train.run import autocast


def to_rgb(batch: torch.Tensor) -> list[np.ndarray]:
    """f32 [B, 3, H, W] in -1..1 -> uint8 pictures."""
    whole = ((batch.float().clamp(-1, 1) + 1) * 127.5 + 0.5).to(torch.uint8)
    return list(whole.permute(0, 2, 3, 1).cpu().numpy())


@torch.no_grad()
def reconstructions(vae: Autoencoder, patches: Patches, size: int, path: Path, count: int = 8) -> float:
    """Held-out scenes, what their latents give linearly, what the decoder makes of them; returns the decoder's mean PSNR in dB."""
    where = next(vae.parameters()).device
    wanted = to_signed(torch.stack([pixels(render(seed, size, HELD_OUT).rgb) for seed in range(count)])).to(where)
    latents = patches.encode(wanted)
    with autocast(where):
        made = vae.decode(latents).float().clamp(-1, 1)
    rows = [np.concatenate(to_rgb(batch), 1) for batch in (wanted, patches.decode(latents), made)]
    Image.fromarray(np.concatenate(rows)).save(path)
    error = ((made - wanted) / 2).square().mean((1, 2, 3))
    return float((-10 * error.log10()).mean())
