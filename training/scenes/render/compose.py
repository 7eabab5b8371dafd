"""Paints a scene: background, shadows, objects, and the map of who is where."""

from dataclasses import dataclass

import cv2
import numpy as np

from scenes.render.canvas import Canvas, smooth
from scenes.render.scene import TRAIN, Placed, choose_setting, generator, place_all
from scenes.render.setting import Setting, Stage
from scenes.render.sprites import sprite

VISIBLE = 0.45  # an object of which less is seen is not counted, and is left out of the picture
SUN = 0.5  # from -1, left, to 1, right: shadows fall to the other side


@dataclass(frozen=True)
class Picture:
    """rgb uint8 [size, size, 3]; index uint8 [size, size]: 0 = background, n = objects[n - 1]."""

    rgb: np.ndarray
    index: np.ndarray
    setting: Setting
    objects: tuple[Placed, ...]


def render(seed: int, size: int = 256, stream: int = TRAIN) -> Picture:
    """The same seed gives the same picture; another size gives the same scene, drawn at that size."""
    rng = generator(seed, stream)
    setting = choose_setting(rng)
    canvas = Canvas(size, np.random.default_rng(rng.integers(2**63)))
    stage = setting.paint(canvas)
    objects = place_all(rng, setting, min(stage.horizon, 1.0))
    sprites = [_sprite(one, size, stage) for one in objects]
    shown = _shown(objects, sprites, size)
    index = np.zeros((size, size), np.uint8)
    for number, i in enumerate(shown, 1):
        _shadow(canvas, objects[i], stage)
        window, colour, alpha = sprites[i]
        canvas.rgb[window] += alpha[..., None] * (colour - canvas.rgb[window])
        index[window][alpha >= 0.5] = number
    rgb = np.clip(canvas.rgb * 255 + 0.5, 0, 255).astype(np.uint8)
    return Picture(rgb, index, setting, tuple(objects[i] for i in shown))


def _sprite(one: Placed, size: int, stage: Stage):
    """(window of the picture, colour [h, w, 3], alpha [h, w]) of an object, cut at the picture's edges."""
    cell = sprite(one.kind, one.colour).astype(np.float32) / 255
    cell = np.dstack([cell[..., :3] * cell[..., 3:], cell[..., 3]])  # premultiplied: edges keep their colour
    height, width = max(3, round(one.height * size)), max(3, round(one.width * size))
    cell = cv2.resize(cell, (width, height), interpolation=cv2.INTER_AREA)
    left = round((one.x * size) - cell.shape[1] / 2)
    top = round((one.foot - one.height / 2) * size - cell.shape[0] / 2)
    y0, y1, x0, x1 = max(top, 0), min(top + len(cell), size), max(left, 0), min(left + cell.shape[1], size)
    cell = cell[y0 - top : max(y1, y0) - top, x0 - left : max(x1, x0) - left]
    alpha = np.clip(cell[..., 3], 0, 1)
    colour = cell[..., :3] / np.maximum(cell[..., 3:], 1e-4) * np.asarray(stage.light, np.float32)
    return np.s_[y0 : max(y1, y0), x0 : max(x1, x0)], np.clip(colour, 0, 1), alpha


def _shown(objects, sprites, size: int) -> list[int]:
    """Indices of the objects of which enough is seen, near ones hiding far ones."""
    index = np.full((size, size), -1, np.int16)
    for i, (window, _, alpha) in enumerate(sprites):
        index[window][alpha >= 0.5] = i
    shown = []
    for i, (_, _, alpha) in enumerate(sprites):
        seen, whole = np.count_nonzero(index == i), np.count_nonzero(alpha >= 0.5)
        if seen >= VISIBLE * whole and seen >= (0.07 * size) ** 2:
            shown.append(i)
    return shown


def _shadow(c: Canvas, one: Placed, stage: Stage) -> None:
    """A soft pool of shadow under what stands on the ground, a ring of foam around what floats."""
    if one.home in ("sky", "deep") or one.foot < stage.horizon - 0.01:
        return
    reach = one.width * 0.75
    x, y, wide, flat = one.x - SUN * one.width * 0.10, one.foot - 0.004, one.width * 0.50, one.width * 0.10 + 0.008
    w = c.part(x - reach, y - flat * 2.2, x + reach, y + flat * 2.2)
    away = np.hypot((w.x - x) / wide, (w.y - y) / flat)
    if one.home == "sea":
        w.mix((0.92, 0.98, 1.0), smooth(np.abs(away - 0.95), 0.22, 0.0) * 0.45)
    w.mix(stage.shadow, smooth(away, 1.35, 0.15) * stage.depth)
    close = np.hypot((w.x - one.x) / (one.width * 0.36), (w.y - y) / (flat * 0.42))
    w.mix(stage.shadow, smooth(close, 1.3, 0.3) * stage.depth * 0.55)
