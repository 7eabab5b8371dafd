"""Teaches the cross-attention which words belong where, from the renderer's masks.

A large model learns it from billions of pictures; a small one may be told (Wang et al., "TokenCompose", CVPR 2024, whose
token-level loss the second half is). It acts in training alone: the model that comes out is a plain checkpoint.
"""

import torch
from torch import Tensor

LEAST = 1e-4  # of a probability, under a logarithm


def grounding(maps: list[Tensor], kinds: Tensor, subjects: Tensor, weight: Tensor) -> Tensor:
    """The loss, a scalar, mean over `maps` and, by `weight` [B], over pictures: noise hides where things are.

    maps: [B, N, L], N cells of a square or of one coarser; kinds: [B, H, W], 0 = background; subjects: [B, L], the kind a
    token's phrase is about, 0 = the setting, -1 = no phrase.
    """
    losses = []
    for probabilities in maps:
        factor = kinds.shape[-1] // int(probabilities.shape[1] ** 0.5)
        cells = kinds[:, factor // 2 :: factor, factor // 2 :: factor].flatten(1)
        phrase = (subjects >= 0)[:, None]
        own = (cells[..., None] == subjects[:, None]) & phrase
        mine = (probabilities * own).sum(-1)
        others = (probabilities * (phrase & ~own)).sum(-1)
        # A cell whose phrase is in the text attends to it rather than to another.
        cell = torch.log((mine + others + LEAST) / (mine + LEAST)) * own.any(-1)
        # What an object's token gives, it gives to its cells.
        share = (probabilities * own).sum(1) / (probabilities.sum(1) + LEAST)
        token = (1 - share).square() * (own.any(1) & (subjects > 0))
        losses.append(cell.mean(1) + token.sum(1) / (subjects > 0).sum(1).clamp(min=1))
    return (torch.stack(losses).mean(0) * weight).sum() / weight.sum()
