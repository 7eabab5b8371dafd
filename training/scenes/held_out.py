"""How far the UNet's v is off on held-out scenes: the figure that says whether more training helps.

    python -m scenes.held_out MODEL_FOLDER [SCENES]

Prints for some timesteps the mean squared error on the cells of objects, and on those of the background. The scenes, their
captions and the noise are the same for every model.
"""

import json
import sys
from pathlib import Path

import torch

from scenes.diffusion import Schedule
from scenes.export import load
from scenes.models.text import TextEncoder
from scenes.models.unet import UNet
from scenes.patches import at
from scenes.presets import PRESETS, Preset
from scenes.render.scene import HELD_OUT
from scenes.train.data import Scenes, to_signed

TIMESTEPS = (200, 400, 600, 800)
COUNT, BATCH = 192, 32


def preset_of(model: Path) -> Preset:
    """The preset that the model was trained by."""
    widths = json.loads((model / "unet" / "config.json").read_text())["block_out_channels"]
    return next(preset for preset in PRESETS.values() if list(preset.unet) == widths)


@torch.no_grad()
def errors(model: Path, count: int = COUNT) -> dict[int, tuple[float, float]]:
    """Timestep -> mean squared error of v on cells of objects and of the background."""
    preset, where = preset_of(model), torch.device("cpu")
    unet, text = UNet(preset.unet_config).eval(), TextEncoder(preset.text_config).eval()
    unet.load_state_dict(load(model, "unet"))
    text.load_state_dict(load(model, "text"))
    patches = at(model, preset.size, preset.latents, preset.cell)
    scenes = Scenes(preset.size, 1, stream=HELD_OUT, cells=preset.unet_config["sample_size"])
    schedule, noise = Schedule(where), torch.Generator().manual_seed(1)
    sums = {t: [0.0, 0.0] for t in TIMESTEPS}
    cells = [0, 0]
    for start in range(0, count, BATCH):
        items = [scenes[seed] for seed in range(start, min(start + BATCH, count))]
        latents = patches.encode(to_signed(torch.stack([item["pixels"] for item in items])))
        context = text(torch.stack([item["ids"][0] for item in items]).long())
        is_object = torch.stack([item["kinds"] for item in items]) > 0
        cells = [cells[0] + int(is_object.sum()), cells[1] + int((~is_object).sum())]
        for t in TIMESTEPS:
            times = torch.full((len(items),), t)
            noisy, v = schedule.mix(latents, torch.randn(latents.shape, generator=noise), times)
            error = (unet(noisy, times, context) - v).square().mean(1)
            sums[t][0] += float(error[is_object].sum())
            sums[t][1] += float(error[~is_object].sum())
    return {t: (objects / cells[0], background / cells[1]) for t, (objects, background) in sums.items()}


if __name__ == "__main__":
    for timestep, (objects, background) in errors(Path(sys.argv[1]), *map(int, sys.argv[2:3])).items():
        print(f"t {timestep}: objects {objects:.3f}, background {background:.3f}")
