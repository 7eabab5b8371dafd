"""Backgrounds with water: beach, sea, lake, under water, sunset over the sea."""

import numpy as np

from scenes.render import motifs
from scenes.render.canvas import Canvas, Colour, smooth
from scenes.render.country import DAY, _land
from scenes.render.setting import Stage


def _water(c: Canvas, horizon: float, far: Colour, near: Colour, mask=None, strength: float = 0.10) -> np.ndarray:
    """Water from the horizon down, with waves that widen towards the front."""
    mask = _land(c, horizon, far, near, mask)
    wave = c.ground(horizon, 0.55, 2.2, 1)
    c.shade(1 + strength * wave, mask)
    c.mix((1, 1, 1), mask * smooth(wave, 1.4, 2.4) * 0.35)
    return mask


def beach(c: Canvas) -> Stage:
    horizon, shore = c.rng.uniform(0.36, 0.46), c.rng.uniform(0.54, 0.64)
    c.gradient(DAY)
    motifs.clouds(c, c.rng.integers(1, 4), 0.05, horizon - 0.10)
    _water(c, horizon, (0.10, 0.52, 0.80), (0.30, 0.82, 0.86))
    line = c.skyline(shore, 0.05, 0.7, 0.15)
    sand = smooth(c.y - line[None], -0.003, 0.003)
    t = smooth(c.y, shore, 1.05)[..., None]
    c.mix(c.vary((0.98, 0.88, 0.66)) * (1 - t) + c.vary((0.93, 0.77, 0.52)) * t, sand)
    c.shade(1 - 0.13 * smooth(c.y - line[None], 0.05, 0.015) + 0.035 * c.ground(shore - 0.15, 2.0, 1.4, 0), sand)
    c.mix((1, 1, 1), smooth(np.abs(c.y - line[None] + 0.002 * c.noise(2, 2)), 0.012, 0.004) * 0.9)
    return Stage(shore + 0.03, (1.0, 0.99, 0.96), (0.30, 0.16, 0.05))


def sea(c: Canvas) -> Stage:
    horizon = c.rng.uniform(0.34, 0.50)
    c.gradient(DAY)
    motifs.clouds(c, c.rng.integers(1, 5), 0.05, horizon - 0.08)
    _water(c, horizon, (0.18, 0.55, 0.86), (0.03, 0.32, 0.66), strength=0.13)
    return Stage(horizon, shadow=(0.0, 0.10, 0.30), depth=0.45)


def lake(c: Canvas) -> Stage:
    horizon, shore = c.rng.uniform(0.38, 0.46), c.rng.uniform(0.66, 0.76)
    c.gradient([(0.0, (0.42, 0.68, 0.92)), (0.5, (0.95, 0.93, 0.88))])
    c.mix(c.vary((0.58, 0.68, 0.78)), c.ridge(horizon - 0.05, 0.16, 0.8, 0.5))
    c.mix(c.vary((0.40, 0.60, 0.48)), c.ridge(horizon - 0.02, 0.08, 0.9, 0.3))
    motifs.pines(c, 14, horizon + 0.005, 0.08, (0.20, 0.42, 0.32))
    # Calm water is the picture above it, upside down.
    row = np.clip(((2 * horizon - c.y[:, 0]) * c.size).astype(int), 0, c.size - 1)
    water = smooth(c.y, horizon - 0.003, horizon + 0.003)
    c.mix(c.rgb[row] * np.array([0.62, 0.78, 0.86], np.float32) + 0.05, water)
    c.shade(1 + 0.06 * c.ground(horizon, 0.4, 2.5, 1), water)
    mask = _land(c, shore, (0.55, 0.76, 0.35), (0.28, 0.55, 0.22), c.ridge(shore, 0.04, 0.8, 0.2))
    c.shade(1 + 0.07 * c.ground(shore - 0.2, 1.2, 1.0, 0), mask)
    return Stage(shore + 0.01)


def underwater(c: Canvas) -> Stage:
    floor = c.rng.uniform(0.72, 0.84)
    c.gradient([(0.0, (0.35, 0.82, 0.92)), (0.45, (0.08, 0.50, 0.78)), (1.0, (0.03, 0.24, 0.50))])
    lean, phase = c.rng.uniform(-0.5, 0.5), c.rng.uniform(0, 6.28)
    rays = c.x + lean * c.y
    beams = np.sin(rays * 17 + phase) + np.sin(rays * 29 + phase * 2) + np.sin(rays * 7 - phase)
    c.mix((0.80, 1.0, 1.0), smooth(beams, 0.6, 2.6) * smooth(c.y, 0.75, 0.0) * 0.40)
    line = c.skyline(floor, 0.06, 0.8, 0.3)
    sand = smooth(c.y - line[None], -0.004, 0.004)
    c.mix(c.vary((0.55, 0.68, 0.60)), sand)
    c.shade(1 + 0.10 * c.ground(floor - 0.25, 0.8, 1.0, 1), sand)
    for _ in range(c.rng.integers(2, 6)):
        _weed(c, c.rng.random(), floor + c.rng.uniform(0.0, 0.1))
    for _ in range(c.rng.integers(5, 22)):
        x, y, r = c.rng.random(), c.rng.uniform(0.05, 0.8), c.rng.uniform(0.004, 0.014)
        w = c.part(x - r - 0.01, y - r - 0.01, x + r + 0.01, y + r + 0.01)
        w.mix((0.85, 0.98, 1.0), (w.disc(x, y, r) - 0.75 * w.disc(x, y, r * 0.72)) * 0.7)
    return Stage(floor, (0.80, 0.95, 1.0), (0.0, 0.08, 0.20), 0.35)


def _weed(c: Canvas, x: float, foot: float) -> None:
    """A bunch of waving leaves."""
    c, leaves = c.part(x - 0.1, foot - 0.3, x + 0.1, foot + 0.01), []
    for _ in range(4):
        height, sway, start = c.rng.uniform(0.10, 0.28), c.rng.uniform(-0.06, 0.06), x + c.rng.uniform(-0.03, 0.03)
        t = np.linspace(0, 1, 8)
        spine = start + sway * t**2 + 0.012 * np.sin(t * 9)
        half = 0.010 * (1 - t)
        side = foot - height * t
        leaves.append(np.concatenate([np.c_[spine - half, side], np.c_[spine + half, side][::-1]]))
    c.mix(c.vary((0.10, 0.52, 0.38)), c.polygons(leaves) * 0.9)


def sunset(c: Canvas) -> Stage:
    horizon, x = c.rng.uniform(0.48, 0.60), c.rng.uniform(0.2, 0.8)
    c.gradient([(0.0, (0.30, 0.20, 0.50)), (0.25, (0.78, 0.32, 0.50)), (0.45, (0.99, 0.58, 0.32)), (0.6, (1.0, 0.83, 0.48))])
    motifs.clouds(c, c.rng.integers(0, 4), 0.08, horizon - 0.12, (1.0, 0.66, 0.52), (0.62, 0.32, 0.52))
    motifs.haze(c, 0.35, (1.0, 0.75, 0.55))
    c.glow((1.0, 0.75, 0.35), x, horizon - 0.04, 0.28, 0.7)
    c.mix((1.0, 0.96, 0.75), c.disc(x, horizon - 0.035, 0.075, 0.01))
    if c.rng.random() < 0.5:
        water = _water(c, horizon, (0.85, 0.45, 0.42), (0.28, 0.18, 0.42), strength=0.10)
        glint = np.exp(-(((c.x - x) / (0.05 + 0.25 * np.maximum(c.y - horizon, 0))) ** 2))
        c.mix((1.0, 0.80, 0.45), water * glint * smooth(c.ground(horizon, 0.6, 2.6, 1), -0.9, 1.2) * 0.9)
    else:
        c.mix(c.vary((0.45, 0.22, 0.38)), c.ridge(horizon - 0.01, 0.08, 0.8, 0.3))
        mask = _land(c, horizon, (0.50, 0.30, 0.30), (0.24, 0.15, 0.24))
        c.shade(1 + 0.10 * c.ground(horizon, 0.6, 1.0, 1), mask)
    return Stage(horizon, (1.0, 0.86, 0.78), (0.16, 0.04, 0.14), 0.45)
