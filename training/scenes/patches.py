"""What the latents are: the leading principal components of 8x8 patches of scenes.

A learned encoder needs hours before its latents are worth anything; a principal component analysis needs seconds, and
the decoder that is learned on top of it adds what is not linear. The autoencoder's own encoder learns to give the same.
"""

import shutil
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from safetensors.torch import load_file, save_file

from scenes.render.compose import render
from scenes.train.data import pixels, to_signed

NAME = "patches.safetensors"
SCENES, FIRST = 600, 1 << 31  # scenes that it is fitted on, seeds of their own
BASE = 128  # pixels along a side, up to which the mean deviation of the latents is 1


class Patches:
    """`weight` [K, 3, 8, 8], `bias` [K]: pictures in -1..1 -> latents; `back` [K, 3, 8, 8] and `mean` [3, 8, 8]: the linear inverse."""

    def __init__(self, tensors: dict[str, Tensor], where: torch.device | None = None):
        self.tensors = {name: value.to(where) for name, value in tensors.items()}

    def encode(self, pictures: Tensor) -> Tensor:
        weight = self.tensors["weight"]
        return F.conv2d(pictures, weight, self.tensors["bias"], stride=weight.shape[-1])

    def decode(self, latents: Tensor) -> Tensor:
        back = self.tensors["back"]
        side = back.shape[-1]
        mean = self.tensors["mean"].repeat(1, *latents.shape[2:])
        return F.conv_transpose2d(latents, back, stride=side) + mean

    def preview(self) -> dict[str, list]:
        """A latent cell's mean colour, -1..1: factors [K, 3] and bias [3]."""
        return {"factors": self.tensors["back"].mean((2, 3)).tolist(), "bias": self.tensors["mean"].mean((1, 2)).tolist()}


def fit(size: int, channels: int, side: int, count: int = SCENES) -> dict[str, Tensor]:
    """Deviations are brought half-way to 1: coarse components stand out of the noise first, fine ones are not drowned.

    In a larger picture more cells say the same and outweigh the noise, so each says it more softly (Hoogeboom et al., "simple
    diffusion", 2023, whose shift this is half of).
    """
    pictures = torch.stack([to_signed(pixels(render(FIRST + seed, size).rgb)) for seed in range(count)])
    patches = F.unfold(pictures, side, stride=side).transpose(1, 2).flatten(0, 1).double().numpy()
    mean = patches.mean(0)
    values, vectors = np.linalg.eigh(np.cov((patches - mean).T))
    deviation, vectors = values[::-1][:channels] ** 0.5, vectors[:, ::-1][:, :channels].T
    wanted = (deviation / deviation.mean()) ** 0.5 * min(1.0, BASE / size) ** 0.5
    weight = vectors * (wanted / deviation)[:, None]
    back = vectors * (deviation / wanted)[:, None]
    tensors = {"weight": weight, "bias": -weight @ mean, "back": back, "mean": mean}
    shapes = {"weight": (channels, 3, side, side), "bias": (channels,), "back": (channels, 3, side, side), "mean": (3, side, side)}
    return {name: torch.from_numpy(np.ascontiguousarray(value)).float().reshape(shapes[name]) for name, value in tensors.items()}


def at(folder: Path, size: int, channels: int, side: int, where: torch.device | None = None, init: Path | None = None) -> Patches:
    """The analysis of a run, made once and kept in its folder; that of the model `init` if the run goes on from one."""
    path = folder / NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if init:
            shutil.copy(init / NAME, path)
        else:
            save_file(fit(size, channels, side), path.with_suffix(".new"))
            path.with_suffix(".new").replace(path)  # whole or not at all: another training may wait for it
    return Patches(load_file(path), where)
