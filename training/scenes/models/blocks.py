"""What UNet and VAE share. Module names are diffusers': they are the keys of the checkpoint."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def silence(layer: nn.Conv2d | nn.Linear) -> None:
    """Makes the layer's output zero at the start of a training."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)


class Resnet(nn.Module):
    """diffusers' ResnetBlock2D; `embedding` = width of the time embedding, None in the VAE."""

    def __init__(self, inward: int, outward: int, groups: int, eps: float, embedding: int | None = None):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inward, eps)
        self.conv1 = nn.Conv2d(inward, outward, 3, padding=1)
        if embedding:
            self.time_emb_proj = nn.Linear(embedding, outward)
        self.norm2 = nn.GroupNorm(groups, outward, eps)
        self.conv2 = nn.Conv2d(outward, outward, 3, padding=1)
        if inward != outward:
            self.conv_shortcut = nn.Conv2d(inward, outward, 1)
        # A block begins as the identity: what is deep learns as fast as what is shallow.
        silence(self.conv2)

    def forward(self, x: Tensor, embedding: Tensor | None = None) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        if embedding is not None:
            h = h + self.time_emb_proj(F.silu(embedding))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return h + (self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x)


class Downsample(nn.Module):
    """Downsample2D: stride 2; the VAE pads below and on the right only."""

    def __init__(self, channels: int, lopsided: bool = False):
        super().__init__()
        self.lopsided = lopsided
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=0 if lopsided else 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (0, 1, 0, 1)) if self.lopsided else x)


class Upsample(nn.Module):
    """Upsample2D: nearest neighbour to twice the size, or to `size`, then a convolution."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor, size: tuple[int, int] | None = None) -> Tensor:
        size = size or (x.shape[2] * 2, x.shape[3] * 2)
        return self.conv(F.interpolate(x, size=size, mode="nearest"))


class Attention(nn.Module):
    """diffusers' Attention over [B, N, C]; `context` width for cross-attention."""

    def __init__(self, width: int, heads: int, context: int | None = None, bias: bool = False):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=bias)
        self.to_k = nn.Linear(context or width, width, bias=bias)
        self.to_v = nn.Linear(context or width, width, bias=bias)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: Tensor, context: Tensor | None = None, maps: list[Tensor] | None = None) -> Tensor:
        """`maps` takes in the probabilities, mean of the heads, [B, N, L]."""
        context = x if context is None else context
        q, k, v = (
            f(s).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for f, s in ((self.to_q, x), (self.to_k, context), (self.to_v, context))
        )
        if maps is None:
            mixed = F.scaled_dot_product_attention(q, k, v)
        else:
            probabilities = (q @ k.mT * q.shape[-1] ** -0.5).softmax(-1)
            maps.append(probabilities.mean(1))
            mixed = probabilities @ v
        return self.to_out[0](mixed.transpose(1, 2).flatten(2))


class SpatialAttention(Attention):
    """The VAE's AttnBlock: one head over all pixels, with its own norm and the residual."""

    def __init__(self, channels: int, groups: int):
        super().__init__(channels, 1, bias=True)
        self.group_norm = nn.GroupNorm(groups, channels, 1e-6)
        silence(self.to_out[0])

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.group_norm(x).flatten(2).transpose(1, 2)
        return x + super().forward(tokens).transpose(1, 2).unflatten(2, x.shape[2:])


class GeGlu(nn.Module):
    def __init__(self, width: int, inner: int):
        super().__init__()
        self.proj = nn.Linear(width, inner * 2)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.net = nn.ModuleList([GeGlu(width, width * 4), nn.Identity(), nn.Linear(width * 4, width)])

    def forward(self, x: Tensor) -> Tensor:
        return self.net[2](self.net[0](x))


class TransformerBlock(nn.Module):
    """BasicTransformerBlock: self-attention, cross-attention, feed-forward."""

    def __init__(self, width: int, heads: int, context: int):
        super().__init__()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.attn1 = Attention(width, heads)
        self.attn2 = Attention(width, heads, context)
        self.ff = FeedForward(width)

    def forward(self, x: Tensor, context: Tensor, maps: list[Tensor] | None = None) -> Tensor:
        x = x + self.attn1(self.norm1(x))
        x = x + self.attn2(self.norm2(x), context, maps)
        return x + self.ff(self.norm3(x))


class Transformer(nn.Module):
    """Transformer2DModel with one block and linear projections."""

    def __init__(self, channels: int, heads: int, context: int, groups: int):
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, 1e-6)
        self.proj_in = nn.Linear(channels, channels)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(channels, heads, context)])
        self.proj_out = nn.Linear(channels, channels)
        silence(self.proj_out)

    def forward(self, x: Tensor, context: Tensor, maps: list[Tensor] | None = None) -> Tensor:
        tokens = self.proj_in(self.norm(x).flatten(2).transpose(1, 2))
        tokens = self.proj_out(self.transformer_blocks[0](tokens, context, maps))
        return x + tokens.transpose(1, 2).unflatten(2, x.shape[2:])


def timestep_embedding(timesteps: Tensor, width: int) -> Tensor:
    """Timesteps [B] -> [B, width], cosines first (flip_sin_to_cos, freq_shift 0)."""
    half = width // 2
    rates = torch.exp(-9.210340371976184 / half * torch.arange(half, device=timesteps.device, dtype=torch.float32))
    angles = timesteps[:, None].float() * rates
    return torch.cat([angles.cos(), angles.sin()], -1)
