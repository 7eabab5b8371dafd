"""UNet2DConditionModel with cross-attention at every level, linear projections."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scenes.models.blocks import Downsample, Resnet, Transformer, Upsample, timestep_embedding


class Block(nn.Module):
    """One level going down (CrossAttnDownBlock2D) or up (CrossAttnUpBlock2D)."""

    def __init__(self, channels: list[tuple[int, int]], heads: int, context: int, groups: int, embedding: int):
        super().__init__()
        self.resnets = nn.ModuleList(Resnet(i, o, groups, 1e-5, embedding) for i, o in channels)
        self.attentions = nn.ModuleList(Transformer(o, heads, context, groups) for _, o in channels)


class UNet(nn.Module):
    """sample [B, C, H, W], timesteps [B], context [B, L, D] -> [B, C, H, W]. `config` is diffusers' config.json."""

    def __init__(self, config: dict):
        super().__init__()
        self.config = config
        widths, depth = config["block_out_channels"], config["layers_per_block"]
        heads, context = config["attention_head_dim"], config["cross_attention_dim"]
        groups, embedding = config["norm_num_groups"], widths[0] * 4
        self.conv_in = nn.Conv2d(config["in_channels"], widths[0], 3, padding=1)
        self.time_embedding = nn.ModuleDict(
            {"linear_1": nn.Linear(widths[0], embedding), "linear_2": nn.Linear(embedding, embedding)})
        skips, width = [widths[0]], widths[0]
        self.down_blocks = nn.ModuleList()
        for level, out in enumerate(widths):
            channels = [(width if i == 0 else out, out) for i in range(depth)]
            block, width = Block(channels, heads[level], context, groups, embedding), out
            skips += [out] * depth
            if level + 1 < len(widths):
                block.downsamplers = nn.ModuleList([Downsample(out)])
                skips.append(out)
            self.down_blocks.append(block)
        self.mid_block = Block([(width, width)], heads[-1], context, groups, embedding)
        self.mid_block.resnets.append(Resnet(width, width, groups, 1e-5, embedding))
        self.up_blocks = nn.ModuleList()
        for level, out in reversed(list(enumerate(widths))):
            channels = []
            for _ in range(depth + 1):
                channels.append((width + skips.pop(), out))
                width = out
            block = Block(channels, heads[level], context, groups, embedding)
            if level:
                block.upsamplers = nn.ModuleList([Upsample(out)])
            self.up_blocks.append(block)
        self.conv_norm_out = nn.GroupNorm(groups, widths[0], 1e-5)
        self.conv_out = nn.Conv2d(widths[0], config["out_channels"], 3, padding=1)

    def forward(self, sample: Tensor, timesteps: Tensor, context: Tensor, inner: list[Tensor] | None = None,
                maps: list[Tensor] | None = None) -> Tensor:
        """`inner` takes in what the up blocks make, `maps` the cross-attention of all but the coarsest, coarse to fine."""
        time = timestep_embedding(timesteps, self.config["block_out_channels"][0]).to(sample.dtype)
        time = self.time_embedding["linear_2"](F.silu(self.time_embedding["linear_1"](time)))
        x = self.conv_in(sample)
        skips = [x]
        for block in self.down_blocks:
            for resnet, attention in zip(block.resnets, block.attentions):
                x = attention(resnet(x, time), context)
                skips.append(x)
            if hasattr(block, "downsamplers"):
                x = block.downsamplers[0](x)
                skips.append(x)
        x = self.mid_block.resnets[0](x, time)
        x = self.mid_block.resnets[1](self.mid_block.attentions[0](x, context), time)
        for level, block in enumerate(self.up_blocks):
            for resnet, attention in zip(block.resnets, block.attentions):
                x = attention(resnet(torch.cat([x, skips.pop()], 1), time), context, maps if level else None)
            if inner is not None:
                inner.append(x)
            if hasattr(block, "upsamplers"):
                x = block.upsamplers[0](x, skips[-1].shape[2:])
        return self.conv_out(F.silu(self.conv_norm_out(x)))
