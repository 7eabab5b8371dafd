"""Trains the evaluator on renders with their true masks. It never sees a picture that the model has painted."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import Dataset

from scenes.kinds import COLOURS, kinds
from scenes.models.segmenter import Segmenter
from scenes.presets import Preset
from scenes.render.compose import Picture, render
from scenes.render.scene import GRID as GRID_CELLS
from scenes.render.scene import HELD_OUT, TRAIN
from scenes.train.data import batches, pixels
from scenes.train.muon import optimizers
from scenes.train.pool import Replay
from scenes.train.run import Budget, Ema, Run, autocast, device, rate, step

SIZE, GRID, UNNAMED = 128, 64, 255
BATCH, RATE, CHECKED, FRESH = 32, 2e-3, 512, 8  # of a batch, FRESH pictures are new
OBJECTS = 2  # how much more an object's pixel counts than one of the background
OTHER_SEEDS = 1 << 32  # the evaluator's scenes are not the generator's


def labels(picture: Picture) -> tuple[np.ndarray, np.ndarray]:
    """Kind (0 = background) and colour (255 = none of its own) of each cell of the grid, uint8 [GRID, GRID]."""
    index = cv2.resize(picture.index, (GRID, GRID), interpolation=cv2.INTER_NEAREST)
    names = list(COLOURS)
    kind = np.array([0, *(one.kind.index + 1 for one in picture.objects)], np.uint8)
    colour = np.array([UNNAMED, *(names.index(one.colour) if one.colour else UNNAMED for one in picture.objects)], np.uint8)
    return kind[index], colour[index]


def worn(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What may befall a painted picture: softness, noise, another exposure."""
    rgb = rgb.astype(np.float32)
    if rng.random() < 0.5:
        rgb = cv2.GaussianBlur(rgb, (0, 0), rng.uniform(0.3, 1.6))
    if rng.random() < 0.4:
        rgb += rng.normal(0, rng.uniform(1, 10), rgb.shape)
    if rng.random() < 0.5:
        rgb = (rgb - 128) * rng.uniform(0.8, 1.15) + 128 + rng.uniform(-15, 15)
    return np.clip(rgb, 0, 255).astype(np.uint8)


def moved(picture: Picture, rng: np.random.Generator) -> Picture:
    """Off the renderer's grid, by up to half a cell: a model may paint its objects anywhere."""
    reach = len(picture.rgb) // GRID_CELLS // 2
    y, x = rng.integers(0, 2 * reach + 1, 2)
    rgb, index = (np.pad(part, [(reach, reach)] * 2 + [(0, 0)] * (part.ndim - 2), mode="edge") for part in (picture.rgb, picture.index))
    side = len(picture.rgb)
    return replace(picture, rgb=rgb[y : y + side, x : x + side], index=index[y : y + side, x : x + side])


class Labelled(Dataset):
    """Pictures of SIZE pixels, drawn at the size the model paints, with the labels of their grid."""

    def __init__(self, size: int, stream: int = TRAIN, wear: bool = True):
        self.size, self.stream, self.wear = size, stream, wear

    def __len__(self) -> int:
        return 1 << 40

    def __getitem__(self, seed: int) -> dict[str, torch.Tensor]:
        picture = render(seed + OTHER_SEEDS, self.size, self.stream)
        rng = np.random.default_rng([98, seed])
        if self.wear:
            picture = moved(picture, rng)
        rgb = cv2.resize(picture.rgb, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        if self.wear:
            rgb = worn(rgb, rng)
        kind, colour = labels(picture)
        return {"pixels": pixels(rgb), "kind": torch.from_numpy(kind), "colour": torch.from_numpy(colour)}


def loss_of(kind: torch.Tensor, colour: torch.Tensor, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Cross-entropy of the kinds, and of the colours where there is one."""
    wanted, tone = batch["kind"].long(), batch["colour"].long()
    weight = 1 + (OBJECTS - 1) * (wanted > 0)
    named = (F.cross_entropy(kind.float(), wanted, reduction="none") * weight).sum() / weight.sum()
    coloured = F.cross_entropy(colour.float(), tone, ignore_index=UNNAMED, reduction="sum")
    return named + 0.5 * coloured / (tone != UNNAMED).sum().clamp(min=1)


def train(preset: Preset, folder: Path, budget: Budget, compiled: bool = False) -> dict:
    where = device()
    torch.manual_seed(2)
    model = Segmenter(len(kinds()), len(COLOURS)).to(where, memory_format=torch.channels_last)
    steppers = optimizers({"segmenter": model}, RATE)
    run = Run(folder, {"segmenter": model}, steppers, Ema({"segmenter": model}, 0.998))
    predict = torch.compile(model) if compiled else model
    # At 128 pixels a render is half the work, and the evaluator looks at no more.
    replay = Replay(batches(Labelled(SIZE), FRESH, run.seen * FRESH // BATCH, preset.workers), BATCH)
    while (progress := budget.progress(run.elapsed, run.step)) < 1:
        batch = replay.draw(where)
        with autocast(where):
            kind, colour = predict((batch["pixels"].float() / 255).contiguous(memory_format=torch.channels_last))
        loss = loss_of(kind, colour, batch)
        step(steppers.values(), model.parameters(), loss, RATE * rate(progress, run.step))
        run.ema.update({"segmenter": model}, run.step)
        run.advance(BATCH)
        if run.step % 100 == 0:
            made, wanted = kind.argmax(1), batch["kind"].long()
            right = (made == wanted).float()
            run.log(loss=loss.detach(), right=right.mean(), objects=right[wanted > 0].mean())
        run.save_every(300)
    run.save()
    found = accuracy(run.ema.models["segmenter"], preset.size, preset.workers, CHECKED if run.step > 100 else BATCH)
    (folder / "accuracy.json").write_text(json.dumps(found, indent=1) + "\n")
    write(run.ema.models["segmenter"], folder)
    return found


@torch.no_grad()
def accuracy(model: Segmenter, size: int, workers: int = 0, count: int = CHECKED) -> dict:
    """On held-out renders, fractions: pixels, pixels of objects, and objects whose most frequent label is right."""
    where, stream = next(model.parameters()).device, batches(Labelled(size, HELD_OUT, wear=False), BATCH, 0, workers)
    pixel, thing, objects, tones = [], [], [], []
    for _ in range(count // BATCH):
        batch = next(stream)
        kinds_made, tones_made = (out.argmax(1).cpu() for out in model(batch["pixels"].to(where).float() / 255))
        for made, tone, wanted, own in zip(kinds_made, tones_made, batch["kind"], batch["colour"]):
            right = made == wanted
            pixel.append(right.float().mean())
            thing += right[wanted > 0].float().tolist()
            for k in wanted.unique()[wanted.unique() > 0]:
                objects.append(float(made[wanted == k].mode().values == k))
                named = own[wanted == k]
                if (named == named[0]).all() and named[0] != UNNAMED:
                    tones.append(float(tone[wanted == k].mode().values == named[0]))
    mean = {"pixels": pixel, "object_pixels": thing, "objects": objects, "colours": tones}
    return {name: round(float(np.mean(values)), 4) for name, values in mean.items()} | {"scenes": count // BATCH * BATCH}


def write(model: Segmenter, folder: Path) -> None:
    """`segmenter.onnx` (picture -> kind, colour; any batch) and `classes.json` (their names in order)."""
    example = torch.zeros(2, 3, SIZE, SIZE)
    torch.onnx.export(
        model.cpu(), (example,), folder / "segmenter.onnx", input_names=["picture"], output_names=["kind", "colour"],
        dynamic_axes={name: {0: "batch"} for name in ("picture", "kind", "colour")}, opset_version=18, dynamo=False)
    names = {"kinds": ["background", *(kind.name for kind in kinds())], "colours": list(COLOURS)}
    names["coloured"] = [kind.name for kind in kinds() if kind.colours]
    (folder / "classes.json").write_text(json.dumps(names, indent=1) + "\n")
