"""DenseDiffusion's attention modulation, written as in the paper: to judge a model while it trains, not to be fast."""

from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from scenes.models.blocks import Attention
from scenes.models.unet import UNet
from scenes.tokenizer import LENGTH, Tokenizer


@dataclass
class Modulation:
    """A layout: `regions` int [size, size], 0..n - 1, -1 for none; `phrases[n]` is region n's text, found in `text`."""

    text: str
    phrases: list[str]
    regions: np.ndarray
    cross: float = 1.0
    own: float = 0.3
    adjust: float = 1.0
    share: float = 0.3  # of the steps

    def tokens(self, tokenizer: Tokenizer) -> list[tuple[int, int]]:
        """First token and count of each phrase in the text."""
        text, found = tokenizer.ids(self.text), []
        for words in self.phrases:
            own = tokenizer.ids(words)
            starts = [i for i in range(len(text) - len(own) + 1) if text[i : i + len(own)] == own]
            if not starts:
                raise ValueError(f"the text does not hold the phrase {words!r}")
            found.append((starts[0] + 1, len(own)))
        return found

    def splice(self, context: Tensor, encoder, tokenizer: Tokenizer) -> None:
        """Puts each phrase's own embeddings in its place in the text's embeddings [B, L, D]."""
        for words, (start, count) in zip(self.phrases, self.tokens(tokenizer)):
            alone = encoder(torch.tensor([tokenizer(words)], device=context.device))
            context[:, start : start + count] = alone[:, 1 : 1 + count].to(context.dtype)

    def masks(self, pixels: int, where: torch.device) -> Tensor:
        """Region of every pixel of a level, [pixels]."""
        side = round(pixels**0.5)
        at = np.arange(side) * self.regions.shape[0] // side
        return torch.tensor(self.regions[np.ix_(at, at)].reshape(-1).astype(np.int64), device=where)


@contextmanager
def modulated(unet: UNet, modulation: Modulation | None, timestep: int, progress: float):
    """Within it, the conditional half of the batch sees modulated attention."""
    if modulation is None or progress >= modulation.share:
        yield
        return
    from scenes import ART

    spans = modulation.tokens(Tokenizer(ART / "tokenizer"))
    plain = Attention.forward

    def forward(layer: Attention, x: Tensor, context: Tensor | None = None, _: list | None = None) -> Tensor:
        own = context is None
        q, k, v = (f(s).unflatten(-1, (layer.heads, -1)).transpose(1, 2).float()
                   for f, s in ((layer.to_q, x), (layer.to_k, x if own else context), (layer.to_v, x if own else context)))
        sim = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        regions = modulation.masks(x.shape[1], x.device)
        if own:
            inside = (regions[:, None] == regions[None]) & (regions[:, None] >= 0)
        else:
            tokens = torch.full((LENGTH,), -2, device=x.device)
            for region, (start, count) in enumerate(spans):
                tokens[start : start + count] = region
            inside = regions[:, None] == tokens[None]
        area = ((regions[:, None] == regions[None]) & (regions[:, None] >= 0)).float().mean(1)
        weight = (modulation.own if own else modulation.cross) * (timestep / 1000) ** 5
        strength = weight * (1 - modulation.adjust * area)[:, None]
        told = sim[len(sim) // 2 :]
        target = torch.where(inside, told.amax(-1, keepdim=True), told.amin(-1, keepdim=True))
        sim = torch.cat([sim[: len(sim) // 2], told + strength * (target - told)])
        mixed = sim.softmax(-1) @ v
        return layer.to_out[0](mixed.transpose(1, 2).flatten(2).to(x.dtype))

    Attention.forward = forward
    try:
        yield
    finally:
        Attention.forward = plain
