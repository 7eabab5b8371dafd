"""AutoencoderKL: pictures in -1..1 <-> latents of an eighth of their side."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scenes.models.blocks import Downsample, Resnet, SpatialAttention, Upsample


class _Mid(nn.Module):
    def __init__(self, width: int, groups: int):
        super().__init__()
        self.resnets = nn.ModuleList(Resnet(width, width, groups, 1e-6) for _ in range(2))
        self.attentions = nn.ModuleList([SpatialAttention(width, groups)])

    def forward(self, x: Tensor) -> Tensor:
        return self.resnets[1](self.attentions[0](self.resnets[0](x)))


LEVEL = 2.0  # see `keep_level`


def keep_level(last: Resnet) -> None:
    """Large constants of both signs before the last norm: what it divides by is then the same for a dark picture and a
    bright one, and brightness passes. Without them a decoder takes thousands of steps to find this out."""
    with torch.no_grad():
        last.conv2.bias.copy_(LEVEL * (-1.0) ** torch.arange(len(last.conv2.bias)))


class _Level(nn.Module):
    def __init__(self, inward: int, outward: int, depth: int, groups: int):
        super().__init__()
        self.resnets = nn.ModuleList(
            Resnet(inward if i == 0 else outward, outward, groups, 1e-6) for i in range(depth))


class Encoder(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        widths, groups = config["block_out_channels"], config["norm_num_groups"]
        self.conv_in = nn.Conv2d(config["in_channels"], widths[0], 3, padding=1)
        self.down_blocks = nn.ModuleList()
        for i, width in enumerate(widths):
            block = _Level(widths[max(i - 1, 0)], width, config["layers_per_block"], groups)
            if i + 1 < len(widths):
                block.downsamplers = nn.ModuleList([Downsample(width, lopsided=True)])
            self.down_blocks.append(block)
        self.mid_block = _Mid(widths[-1], groups)
        keep_level(self.mid_block.resnets[1])
        self.conv_norm_out = nn.GroupNorm(groups, widths[-1], 1e-6)
        self.conv_out = nn.Conv2d(widths[-1], 2 * config["latent_channels"], 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_in(x)
        for block in self.down_blocks:
            for resnet in block.resnets:
                x = resnet(x)
            if hasattr(block, "downsamplers"):
                x = block.downsamplers[0](x)
        return self.conv_out(F.silu(self.conv_norm_out(self.mid_block(x))))


class Decoder(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        widths, groups = config["block_out_channels"][::-1], config["norm_num_groups"]
        self.conv_in = nn.Conv2d(config["latent_channels"], widths[0], 3, padding=1)
        self.mid_block = _Mid(widths[0], groups)
        self.up_blocks = nn.ModuleList()
        for i, width in enumerate(widths):
            block = _Level(widths[max(i - 1, 0)], width, config["layers_per_block"] + 1, groups)
            if i + 1 < len(widths):
                block.upsamplers = nn.ModuleList([Upsample(width)])
            self.up_blocks.append(block)
        keep_level(self.up_blocks[-1].resnets[-1])
        self.conv_norm_out = nn.GroupNorm(groups, widths[-1], 1e-6)
        self.conv_out = nn.Conv2d(widths[-1], config["out_channels"], 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.mid_block(self.conv_in(x))
        for block in self.up_blocks:
            for resnet in block.resnets:
                x = resnet(x)
            if hasattr(block, "upsamplers"):
                x = block.upsamplers[0](x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class Autoencoder(nn.Module):
    """`config` is diffusers' config.json; latents are not scaled here (`scaling_factor` is the pipeline's)."""

    def __init__(self, config: dict):
        super().__init__()
        self.config = config
        latent = config["latent_channels"]
        self.encoder, self.decoder = Encoder(config), Decoder(config)
        self.quant_conv = nn.Conv2d(2 * latent, 2 * latent, 1)
        self.post_quant_conv = nn.Conv2d(latent, latent, 1)
        nn.init.dirac_(self.post_quant_conv.weight)
        nn.init.zeros_(self.post_quant_conv.bias)
        # Little noise at the start: a signal drowned by unit variance takes long to appear.
        nn.init.constant_(self.quant_conv.bias.data[latent:], -4.0)

    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the latents, in f32."""
        mean, log_variance = self.quant_conv(self.encoder(pictures)).float().chunk(2, 1)
        return mean, log_variance.clamp(-30, 20)

    def decode(self, latents: Tensor) -> Tensor:
        return self.decoder(self.post_quant_conv(latents))


@torch.no_grad()
def begin_with_colours(decoder: Decoder, factors: Tensor, bias: Tensor) -> None:
    """Makes a new decoder paint the smoothly enlarged mean colours: detail is all that it has to learn.

    `factors` [K, 3] and `bias` [3] give a cell's colour. Channels 0, 2 and 4 carry red, green and blue past all blocks.
    """
    carried, smooth = (0, 2, 4), torch.tensor([0.25, 0.5, 0.25])
    for module in decoder.modules():
        if isinstance(module, Resnet) and hasattr(module, "conv_shortcut"):
            for channel in carried:
                module.conv_shortcut.weight[channel] = 0
                module.conv_shortcut.weight[channel, channel] = 1
                module.conv_shortcut.bias[channel] = 0
        elif isinstance(module, Upsample):
            for channel in carried:
                module.conv.weight[channel] = 0
                module.conv.weight[channel, channel] = smooth[:, None] * smooth
                module.conv.bias[channel] = 0
    for colour, channel in enumerate(carried):
        decoder.conv_in.weight[channel] = 0
        decoder.conv_in.weight[channel, :, 1, 1] = factors[:, colour]
        decoder.conv_in.bias[channel] = bias[colour]
        decoder.conv_out.weight[colour] *= 0.1
        decoder.conv_out.weight[colour, carried] = 0
        # The norm makes 1 + x / LEVEL of a colour x; there SiLU is nearly straight.
        value, slope = 0.731, 0.928 / LEVEL
        decoder.conv_out.weight[colour, channel, 1, 1] = 1 / slope
        decoder.conv_out.bias[colour] = -value / slope
