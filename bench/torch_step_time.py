"""Seconds per guided step of a checkpoint's UNet in diffusers on the CPU, as one line of JSON.

    python bench/torch_step_time.py MODEL [STEPS] [SIDE]

Three ways in one run: diffusers as it is (scaled_dot_product_attention), the original's attention code without
modulation, and with it (`fixtures/reference.py`). Needs what `fixtures/requirements.txt` lists.
"""

import json
import pathlib
import resource
import statistics
import sys
import time

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor2_0

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "fixtures"))
from reference import Modulation, Strengths  # noqa: E402


class Text:
    """Two regions: the first tokens belong to one, the next to the other."""

    token_regions = torch.zeros(77, dtype=torch.int32)
    token_regions[1:4] = 1
    token_regions[4:8] = 2


@torch.no_grad()
def step_time(unet, steps: int, side: int, embeddings: torch.Tensor) -> float:
    latents = torch.randn(2, unet.config.in_channels, side // 8, side // 8, generator=torch.Generator().manual_seed(0))
    times = []
    for _ in range(steps + 1):
        start = time.perf_counter()
        unet(latents, 981, encoder_hidden_states=embeddings)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    model, steps, side = sys.argv[1], int((sys.argv[2:] or [3])[0]), int((sys.argv[3:] or [512])[0])
    start = time.perf_counter()
    unet = UNet2DConditionModel.from_pretrained(model, subfolder="unet", torch_dtype=torch.float32).eval()
    load = time.perf_counter() - start
    embeddings = torch.randn(2, 77, unet.config.cross_attention_dim, generator=torch.Generator().manual_seed(1))

    unet.set_attn_processor(AttnProcessor2_0())
    plain = step_time(unet, steps, side, embeddings)
    plain_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    masks = torch.zeros(2, side, side)
    masks[0, :, : side // 2 + 1] = 1
    masks[1, :, side // 2 + 1 :] = 1
    levels = len(unet.config.block_out_channels)
    modulation = Modulation(masks, Text(), (side // 8, side // 8), levels, Strengths())
    with modulation.installed(unet):
        original_plain = step_time(unet, steps, side, embeddings)
        modulation.active, modulation.timestep = True, 981.0
        modulated = step_time(unet, steps, side, embeddings)
    print(
        json.dumps(
            {
                "torch": torch.__version__,
                "threads": torch.get_num_threads(),
                "load_s": load,
                "plain_step_s": plain,
                "original_plain_step_s": original_plain,
                "modulated_step_s": modulated,
                "plain_peak_mib": plain_peak,
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
