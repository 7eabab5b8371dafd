"""Sizes of networks and runs: `cpu` draws 128x128 pixels, `gpu` 256x256, `tiny` is for tests."""

from dataclasses import dataclass, replace

from scenes import ART
from scenes.tokenizer import LENGTH, Tokenizer


@dataclass(frozen=True)
class Preset:
    size: int  # pixels
    latents: int  # channels
    vae: tuple[int, ...]  # channels of the VAE's levels; the side of the latents is size / 2^(levels - 1)
    unet: tuple[int, ...]  # channels of the UNet's levels, multiples of 16 and of `head`
    head: int  # channels of an attention head
    text_layers: int
    text_width: int
    vae_batch: int
    vae_crop: int  # the VAE learns from windows of this many pixels
    vae_reuse: int  # how often the VAE sees a scene
    vae_rate: float
    batch: int
    windows: float  # share of the steps, falling to 0, that see four times as many windows of half the side
    rate: float
    pool: int  # latents kept
    reuse: int  # how often a scene is shown before it leaves the pool
    ema: float
    workers: int

    @property
    def cell(self) -> int:
        """Pixels along one side of a latent cell."""
        return 2 ** (len(self.vae) - 1)

    @property
    def vae_config(self) -> dict:
        count = len(self.vae)
        return {
            "_class_name": "AutoencoderKL", "_diffusers_version": "0.30.0", "act_fn": "silu",
            "block_out_channels": list(self.vae), "down_block_types": ["DownEncoderBlock2D"] * count,
            "up_block_types": ["UpDecoderBlock2D"] * count, "force_upcast": False, "in_channels": 3, "out_channels": 3,
            "latent_channels": self.latents, "layers_per_block": 1, "norm_num_groups": self.vae[0] // 4,
            "sample_size": self.size, "scaling_factor": 1.0,
        }

    @property
    def unet_config(self) -> dict:
        count = len(self.unet)
        return {
            "_class_name": "UNet2DConditionModel", "_diffusers_version": "0.30.0", "act_fn": "silu",
            "attention_head_dim": [width // self.head for width in self.unet], "block_out_channels": list(self.unet),
            "center_input_sample": False, "cross_attention_dim": self.text_width,
            "down_block_types": ["CrossAttnDownBlock2D"] * count, "up_block_types": ["CrossAttnUpBlock2D"] * count,
            "mid_block_type": "UNetMidBlock2DCrossAttn", "downsample_padding": 1, "dual_cross_attention": False,
            "flip_sin_to_cos": True, "freq_shift": 0, "in_channels": self.latents, "out_channels": self.latents, "layers_per_block": 1,
            "mid_block_scale_factor": 1, "norm_eps": 1e-5, "norm_num_groups": 16, "only_cross_attention": False,
            "sample_size": self.size // self.cell, "upcast_attention": False, "use_linear_projection": True,
        }

    @property
    def text_config(self) -> dict:
        tokenizer = Tokenizer(ART / "tokenizer")
        return {
            "architectures": ["CLIPTextModel"], "model_type": "clip_text_model", "attention_dropout": 0.0,
            "bos_token_id": tokenizer.start, "eos_token_id": tokenizer.end, "pad_token_id": tokenizer.end,
            "dropout": 0.0, "hidden_act": "quick_gelu", "hidden_size": self.text_width, "initializer_factor": 1.0,
            "initializer_range": 0.02, "intermediate_size": self.text_width * 4, "layer_norm_eps": 1e-5,
            "max_position_embeddings": LENGTH, "num_attention_heads": self.text_width // 64,
            "num_hidden_layers": self.text_layers, "projection_dim": self.text_width, "torch_dtype": "float16",
            "vocab_size": len(tokenizer),
        }


GPU = Preset(
    size=256, latents=12, vae=(32, 64, 128, 128), unet=(64, 128, 256), head=32, text_layers=4, text_width=256,
    vae_batch=32, vae_crop=192, vae_reuse=4, vae_rate=1e-3,
    batch=256, windows=0.5, rate=1e-3, pool=300_000, reuse=4, ema=0.999, workers=12,
)
CPU = replace(
    GPU, size=128, latents=12, vae=(16, 32, 64, 96), unet=(48, 96, 144), head=24, text_layers=2, text_width=128, vae_batch=6,
    vae_crop=64, vae_reuse=1, vae_rate=2e-3, batch=32, windows=0.75, rate=1e-3, pool=20_000, reuse=12, ema=0.998, workers=1,
)
TINY = replace(
    CPU, size=32, latents=4, vae=(16, 16, 16, 16), unet=(32, 32), head=32, text_layers=1, text_width=64, vae_batch=2, vae_crop=32, batch=2,
    pool=16, reuse=1, ema=0.9, workers=0,
)
PRESETS = {"gpu": GPU, "cpu": CPU, "tiny": TINY}
