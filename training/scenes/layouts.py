"""Held-out layouts as a hand would draw them: blobs, ovals and boxes with texts. `python -m scenes.layouts OUT [COUNT]`.

The files have the form of the original's validation set: `valset.json` and `N.png`, one flat colour a region. White is
the background and the setting's; the other colours follow by area, as do the texts. Each item also says what its
objects are, for the evaluator: `objects[i]` belongs to `segment_descriptions[i + 1]`.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from scenes.render.caption import phrase
from scenes.render.scene import HELD_OUT, TUNE, choose_colour, choose_kind, choose_setting, generator
from scenes.render.sprites import sprite

SIZE, COUNT, TUNED = 256, 240, 40
LAYOUTS = 1 << 33  # first seed: no scene has it
PALETTE = ((255, 255, 255), (230, 60, 60), (60, 120, 230), (70, 170, 80), (250, 180, 50))
GAP = 4  # pixels between two regions


def shape(rng: np.random.Generator, cx: float, cy: float, width: float, height: float) -> np.ndarray:
    """Mask uint8 [SIZE, SIZE] of one region: a wobbly blob (often), an oval or a box."""
    mask, form = np.zeros((SIZE, SIZE), np.uint8), rng.random()
    if form < 0.25:
        cv2.rectangle(mask, (round(cx - width / 2), round(cy - height / 2)), (round(cx + width / 2), round(cy + height / 2)), 1, -1)
        return mask
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    radius = np.ones_like(turn)
    if form > 0.4:
        for wave in (2, 3, 4, 5):
            radius += rng.normal(0, 0.16 / wave) * np.cos(wave * turn + rng.uniform(0, 6.28))
    points = np.c_[cx + radius * np.cos(turn) * width / 2, cy + radius * np.sin(turn) * height / 2]
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 1)
    return mask


def layout(seed: int, stream: int) -> tuple[np.ndarray, dict]:
    """Region map uint8 [SIZE, SIZE] (0 = background, then by falling area) and the item's texts."""
    rng = generator(LAYOUTS + seed, stream)
    setting = choose_setting(rng)
    wanted = 1 + seed % 4
    kinds, masks = [], []
    taken = np.zeros((SIZE, SIZE), np.uint8)
    for _ in range(200):
        if len(kinds) == wanted:
            break
        kind = choose_kind(rng, setting)
        if kind in kinds:
            continue
        rows, columns = sprite(kind, None).shape[:2]
        aspect = (columns / rows) ** 0.7 * np.exp(rng.normal(0, 0.15))
        area = SIZE**2 * rng.uniform(0.07, 0.26 if wanted < 3 else 0.16)
        width, height = np.sqrt(area * aspect), np.sqrt(area / aspect)
        if max(width, height) > SIZE * 0.85:
            continue
        cx, cy = (rng.uniform(side / 2 + 6, SIZE - side / 2 - 6) for side in (width, height))
        mask = shape(rng, cx, cy, width, height)
        grown = cv2.dilate(mask, np.ones((2 * GAP + 1, 2 * GAP + 1), np.uint8))
        if not (grown & taken).any():
            kinds.append(kind)
            masks.append(mask)
            taken |= mask
    order = sorted(range(len(kinds)), key=lambda i: -int(masks[i].sum()))
    regions = np.zeros((SIZE, SIZE), np.uint8)
    objects, texts = [], []
    for number, i in enumerate(order, 1):
        regions[masks[i] > 0] = number
        colour = choose_colour(rng, kinds[i])
        objects.append({"kind": kinds[i].name, "colour": colour})
        texts.append(phrase(rng, kinds[i], colour, plain=True))
    joined = rng.random() < 0.5
    backdrop = setting.phrases if joined else setting.places
    backdrop = backdrop[rng.integers(len(backdrop))]
    sentence = f"{' and '.join([', '.join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]} {backdrop}"
    return regions, {
        "id": seed, "textual_condition": " , ".join([backdrop, *texts]) if joined else sentence,
        "segment_descriptions": [backdrop, *texts], "setting": setting.name, "objects": objects}


def write(out: Path, count: int, stream: int) -> None:
    (out / "valset_layout").mkdir(parents=True, exist_ok=True)
    items = []
    for seed in range(count):
        regions, item = layout(seed, stream)
        picture = Image.fromarray(regions, "P")
        picture.putpalette([value for colour in PALETTE for value in colour])
        picture.save(out / "valset_layout" / f"{seed}.png", optimize=True)
        items.append(item)
    (out / "valset.json").write_text(json.dumps(items, indent=1) + "\n")


if __name__ == "__main__":
    out = Path(sys.argv[1])
    write(out / "test", int(sys.argv[2]) if len(sys.argv) > 2 else COUNT, HELD_OUT)
    write(out / "tune", TUNED, TUNE)
