"""Samples from a model in training: sheets of fixed texts and, with a layout, the method itself in its plainest form."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from scenes import ART
from scenes.diffusion import GUIDANCE, STEPS, Schedule
from scenes.models.vae import Autoencoder
from scenes.modulation import Modulation, modulated
from scenes.render.sheet import sheet as contact_sheet
from scenes.tokenizer import Tokenizer
from scenes.train.run import autocast
from scenes.train.sheets import to_rgb

TEXTS = (
    "a red car on the beach", "a dog in a meadow", "a castle in front of snowy mountains", "the night sky is full of stars , a rocket",
    "a blue umbrella in the snow", "a yellow fish at the bottom of the sea", "a cat in a room", "a green bus on a city street",
    "a sailboat at sunset", "an elephant in the desert", "a pink balloon , a robot , a green meadow", "a robot in outer space",
    "a purple chair in the forest", "a giraffe and a cow on a farm", "a white rabbit in an autumn park", "a black teapot by a lake",
    "a train to the left of a tree", "a penguin", "an airplane above a street at night", "a red sunset",
    "a palm tree on the beach", "a yellow tractor in a wheat field", "a pizza and a cake", "a snowman in winter",
)


@torch.no_grad()
def paint(models: dict, vae: Autoencoder, texts: list[str], seed: int = 0, steps: int = STEPS, guidance: float = GUIDANCE,
          modulation: Modulation | None = None) -> list[np.ndarray]:
    """One picture a text, uint8 [size, size, 3]; `modulation` is the layout of all of them."""
    where, unet = next(vae.parameters()).device, models["unet"]
    tokenizer = Tokenizer(ART / "tokenizer")
    side = unet.config["sample_size"]
    latents = torch.randn(len(texts), unet.config["in_channels"], side, side, generator=torch.Generator().manual_seed(seed)).to(where)
    ids = torch.tensor([tokenizer(text) for text in [""] * len(texts) + list(texts)], device=where)
    with autocast(where):
        context = models["text"](ids)
        if modulation:
            modulation.splice(context[len(texts) :], models["text"], tokenizer)

    def predict(x: Tensor, t: int, step: int) -> Tensor:
        times = torch.full((2 * len(x),), t, device=where)
        with autocast(where), modulated(unet, modulation, t, step / steps):
            empty, told = unet(torch.cat([x, x]), times, context).float().chunk(2)
        return empty + guidance * (told - empty)

    latents = Schedule(where).sample(predict, latents, steps)
    with autocast(where):
        parts = (latents / vae.config["scaling_factor"]).split(8)
        return [picture for part in parts for picture in to_rgb(vae.decode(part))]


def sheet(models: dict, vae: Autoencoder, path: Path, texts: tuple[str, ...] = TEXTS) -> None:
    contact_sheet(paint(models, vae, list(texts)), list(texts)).save(path)
