"""The evaluator: a small U-shaped network that says for every pixel what it is and what colour it has."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scenes.models.blocks import Resnet


class Segmenter(nn.Module):
    """picture [B, 3, 128, 128] in 0..1 -> kind logits [B, kinds + 1, 64, 64] (0 = background), colour logits [B, colours, 64, 64]."""

    def __init__(self, kinds: int, colours: int, widths: tuple[int, ...] = (16, 32, 64, 96)):
        super().__init__()
        self.stem = nn.Conv2d(3, widths[0], 5, stride=2, padding=2)
        self.down = nn.ModuleList(Resnet(w, w, 8, 1e-5) for w in widths)
        self.shrink = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in zip(widths, widths[1:]))
        self.bottom = Resnet(widths[-1], widths[-1], 8, 1e-5)
        self.grow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in zip(widths, widths[1:]))
        self.up = nn.ModuleList(Resnet(2 * w, w, 8, 1e-5) for w in widths[:-1])
        self.norm = nn.GroupNorm(8, widths[0])
        self.kind = nn.Conv2d(widths[0], kinds + 1, 1)
        self.colour = nn.Conv2d(widths[0], colours, 1)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        x, skips = self.stem(picture * 2 - 1), []
        for level, block in enumerate(self.down):
            x = block(x)
            if level < len(self.shrink):
                skips.append(x)
                x = self.shrink[level](x)
        x = self.bottom(x)
        for level in reversed(range(len(self.up))):
            x = F.interpolate(self.grow[level](x), scale_factor=2.0, mode="nearest")
            x = self.up[level](torch.cat([x, skips[level]], 1))
        x = F.silu(self.norm(x))
        return self.kind(x), self.colour(x)
