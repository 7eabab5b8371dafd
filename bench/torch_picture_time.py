"""Seconds per picture of a small checkpoint in diffusers on the CPU, as one line of JSON.

    python bench/torch_picture_time.py MODEL [PICTURES]

Three ways in one run: diffusers as it is (scaled_dot_product_attention), the original's attention code without
modulation, and with it (`fixtures/reference.py`) in the model's share of the steps. The first picture is one of the last way,
written to a file; its time begins with this program's first line. Needs what `fixtures/requirements.txt` lists.
"""

import time

STARTED = time.perf_counter()

import json  # noqa: E402
import pathlib  # noqa: E402
import statistics  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402

import torch  # noqa: E402
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel  # noqa: E402
from PIL import Image  # noqa: E402
from transformers import CLIPTextModel, CLIPTokenizer  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "fixtures"))
from reference import Modulation, Strengths, Text, decode, sample  # noqa: E402

REGIONS = ["a meadow", "a red car"]


def main() -> None:
    model, pictures = pathlib.Path(sys.argv[1]), int((sys.argv[2:] or [5])[0])
    defaults = json.loads((model / "defaults.json").read_text())
    parts = {"torch_dtype": torch.float32}
    tokenizer = CLIPTokenizer.from_pretrained(model / "tokenizer")
    text_encoder = CLIPTextModel.from_pretrained(model / "text_encoder", **parts).eval()
    unet = UNet2DConditionModel.from_pretrained(model / "unet", **parts).eval()
    vae = AutoencoderKL.from_pretrained(model / "vae", **parts).eval()
    scheduler = DDIMScheduler.from_pretrained(model / "scheduler")
    side = defaults["width"]
    masks = torch.zeros(2, side, side)
    masks[0, :, : side // 2 + 1] = 1
    masks[1, :, side // 2 + 1 :] = 1

    @torch.no_grad()
    def picture(seed: int, original: bool, fraction: float, file: pathlib.Path | None = None) -> float:
        start = time.perf_counter()
        text = Text([(tokenizer, text_encoder)], " , ".join(REGIONS), "", REGIONS)
        scale = 2 ** (len(vae.config.block_out_channels) - 1)
        size, strengths = (side // scale, side // scale), Strengths(modulated_fraction=fraction)
        modulation = Modulation(masks, text, size, len(unet.config.block_out_channels), strengths)
        run = lambda: sample(unet, scheduler, modulation, text, defaults["guidance_scale"], defaults["steps"], seed, 1)  # noqa: E731
        if original:
            with modulation.installed(unet):
                latents = run()[-1]
        else:
            latents = run()[-1]
        _, images = decode(vae, latents)
        if file:
            Image.fromarray(images[0].numpy()).save(file)
        return time.perf_counter() - start

    with tempfile.TemporaryDirectory() as folder:
        picture(0, True, defaults["modulated_fraction"], pathlib.Path(folder) / "0.png")
    first = time.perf_counter() - STARTED
    ways = {"plain_s": (False, 0.0), "original_plain_s": (True, 0.0), "modulated_s": (True, defaults["modulated_fraction"])}
    times = {name: [] for name in ways}
    for seed in range(pictures + 1):
        for name, way in ways.items():
            times[name].append(picture(seed, *way))
    medians = {name: statistics.median(values[1:]) for name, values in times.items()}
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(), "first_picture_s": first, **medians}))


if __name__ == "__main__":
    main()
