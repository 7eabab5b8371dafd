"""Seconds per picture of 512x512 pixels in 50 guided steps in diffusers on a GPU in f16, and the GPU's memory.

    python bench/torch_card_time.py MODEL [PICTURES] [SIDE] [STEPS] [DEVICE]

A line of JSON for each way and batch as soon as it is known: diffusers as it is (scaled_dot_product_attention), and the
original's attention code with its modulation in 30 % of the steps (`fixtures/reference.py`). The fastest picture after one
that warms up. Needs what `fixtures/requirements.txt` lists.
"""

import json
import pathlib
import sys
import time

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor2_0
from transformers import CLIPTextModel, CLIPTokenizer

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "fixtures"))
from reference import Modulation, Strengths, Text, decode, sample  # noqa: E402

REGIONS = ["a meadow", "a red car"]
BATCHES = [1, 4]
GUIDANCE = 7.5


def main() -> None:
    model = pathlib.Path(sys.argv[1])
    pictures, side, steps = (int(value) for value in [*sys.argv[2:5], *["2", "512", "50"][len(sys.argv[2:5]) :]])
    device = (sys.argv[5:] or ["cuda"])[0]
    on_gpu = device == "cuda"
    start = time.perf_counter()
    parts = {
        "torch_dtype": torch.float16,
        "variant": "fp16" if list(model.glob("unet/*.fp16.safetensors")) else None,
    }
    tokenizer = CLIPTokenizer.from_pretrained(model / "tokenizer")
    text_encoder = CLIPTextModel.from_pretrained(model / "text_encoder", **parts).eval().to(device)
    unet = UNet2DConditionModel.from_pretrained(model / "unet", **parts).eval().to(device)
    vae = AutoencoderKL.from_pretrained(model / "vae", **parts).eval().to(device)
    scheduler = DDIMScheduler.from_pretrained(model / "scheduler")
    unet.set_attn_processor(AttnProcessor2_0())
    masks = torch.zeros(2, side, side)
    masks[0, :, : side // 2 + 1] = 1
    masks[1, :, side // 2 + 1 :] = 1
    name = torch.cuda.get_device_name() if on_gpu else device
    print(json.dumps({"torch": torch.__version__, "device": name, "load_s": time.perf_counter() - start}), flush=True)

    @torch.no_grad()
    def encoded() -> Text:
        return Text([(tokenizer, text_encoder)], " , ".join(REGIONS), "", REGIONS)

    def modulated(text: Text, fraction: float = Strengths.modulated_fraction) -> Modulation:
        size = (side // 2 ** (len(vae.config.block_out_channels) - 1),) * 2
        strengths = Strengths(modulated_fraction=fraction)
        return Modulation(masks, text, size, len(unet.config.block_out_channels), strengths).to(device, unet.dtype)

    # Plain diffusers needs no masks: theirs are made before the clock starts.
    unmodulated = modulated(encoded(), 0.0)

    @torch.no_grad()
    def picture(samples: int, original: bool) -> tuple[float, bool]:
        start = time.perf_counter()
        text = encoded()
        modulation = modulated(text) if original else unmodulated
        run = lambda: sample(unet, scheduler, modulation, text, GUIDANCE, steps, 0, samples)[-1]  # noqa: E731
        if original:
            with modulation.installed(unet):
                latents = run()
        else:
            latents = run()
        # One after the other, as ours are.
        images = [decode(vae, one)[1].cpu() for one in latents.split(1)]
        return time.perf_counter() - start, bool(latents.isfinite().all()) and len(images) == samples

    for samples in BATCHES:
        for way, original in (("plain", False), ("modulated", True)):
            line = {"batch": samples, "name": way}
            try:
                if on_gpu:
                    torch.cuda.empty_cache()
                    torch.cuda.reset_peak_memory_stats()
                (first, _), *rest = [picture(samples, original) for _ in range(pictures + 1)]
                line |= {"first_s": first, "picture_s": min(seconds for seconds, _ in rest)}
                line |= {} if all(finite for _, finite in rest) else {"failure": "values that are not finite"}
                if on_gpu:
                    mib = 1 << 20
                    line["memory_mib"] = torch.cuda.max_memory_reserved() // mib
                    line["allocated_mib"] = torch.cuda.max_memory_allocated() // mib
            except Exception as error:  # noqa: BLE001
                line["failure"] = f"{type(error).__name__}: {error}".split("\n")[0]
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
