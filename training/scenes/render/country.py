"""Backgrounds out of town, on land: meadow, farm, forest, park, desert, snow, mountains."""

import cv2
import numpy as np

from scenes.render import motifs
from scenes.render.canvas import Canvas, smooth
from scenes.render.setting import Stage

DAY = [(0.0, (0.30, 0.62, 0.96)), (0.55, (0.72, 0.89, 1.0))]


def _land(c: Canvas, horizon: float, far, near, mask=None) -> np.ndarray:
    """Ground from the horizon down, darker in front; returns its mask."""
    mask = smooth(c.y, horizon - 0.004, horizon + 0.004) if mask is None else mask
    t = smooth(c.y, horizon, 1.05)[..., None]
    c.mix(c.vary(far) * (1 - t) + c.vary(near) * t, mask)
    return mask


def meadow(c: Canvas) -> Stage:
    horizon = c.rng.uniform(0.42, 0.60)
    c.gradient(DAY)
    motifs.clouds(c, c.rng.integers(1, 4), 0.06, horizon - 0.14)
    c.mix(c.vary((0.45, 0.70, 0.55)), c.ridge(horizon - 0.03, 0.10, 0.7, 0.2))
    c.mix(c.vary((0.42, 0.72, 0.36)), c.ridge(horizon - 0.01, 0.05, 1.1, 0.2))
    mask = _land(c, horizon, (0.53, 0.80, 0.33), (0.25, 0.60, 0.20))
    c.shade(1 + 0.07 * c.ground(horizon, 0.35, 0.8, 1) + 0.05 * c.ground(horizon, 2.5, 1.2, 0), mask)
    if c.rng.random() < 0.6:
        petals = [(1, 1, 1), (1, 0.85, 0.25), (0.98, 0.55, 0.75), (0.75, 0.5, 0.95)]
        motifs.dots(c, c.rng.integers(15, 60), horizon + 0.04, 1, petals, 0.006)
    return Stage(horizon)


def farm(c: Canvas) -> Stage:
    horizon = c.rng.uniform(0.42, 0.58)
    c.gradient([(0.0, (0.38, 0.66, 0.95)), (0.55, (0.93, 0.93, 0.88))])
    motifs.clouds(c, c.rng.integers(1, 3), 0.06, horizon - 0.15)
    c.mix(c.vary((0.55, 0.70, 0.42)), c.ridge(horizon - 0.02, 0.07, 0.8, 0.2))
    motifs.bushes(c, 9, horizon + 0.005, 0.035, (0.30, 0.55, 0.28))
    mask = _land(c, horizon, (0.96, 0.82, 0.42), (0.85, 0.62, 0.22))
    # Furrows run towards a point on the horizon.
    below = np.maximum(c.y - horizon, 0.01)
    rows = np.sin((c.x - c.rng.uniform(0.2, 0.8)) / (below + 0.05) * 9)
    c.shade(1 + 0.09 * rows * smooth(below, 0.01, 0.15) + 0.05 * c.ground(horizon, 2.0, 1.0, 0), mask)
    return Stage(horizon, (1.0, 0.98, 0.94))


def forest(c: Canvas) -> Stage:
    horizon = c.rng.uniform(0.56, 0.68)
    c.gradient([(0.0, (0.16, 0.36, 0.24)), (0.6, (0.62, 0.80, 0.50))])
    c.mix((0.85, 0.95, 0.65), smooth(c.noise(0.5, 0.5, 1), 0.2, 2.2) * 0.45)
    for depth, colour in ((0.0, (0.38, 0.58, 0.36)), (0.5, (0.24, 0.42, 0.26)), (1.0, (0.13, 0.27, 0.18))):
        motifs.pines(c, 7 - int(depth * 2), horizon + 0.04 * depth, 0.42 + 0.28 * depth, colour)
    mask = _land(c, horizon, (0.32, 0.52, 0.24), (0.18, 0.34, 0.15), c.ridge(horizon + 0.01, 0.03, 1.3, 0.3))
    c.shade(1 + 0.10 * c.ground(horizon, 0.6, 1.0, 1) + 0.07 * c.ground(horizon, 2.5, 1.5, 0), mask)
    c.mix((0.85, 0.92, 0.50), mask * smooth(c.ground(horizon, 0.5, 0.9, 1), 0.6, 2.2) * 0.35)
    return Stage(horizon + 0.03, (0.90, 0.95, 0.86), (0.03, 0.08, 0.04), 0.5)


def park(c: Canvas) -> Stage:
    horizon = c.rng.uniform(0.50, 0.62)
    c.gradient([(0.0, (0.62, 0.78, 0.93)), (0.55, (0.99, 0.92, 0.78))])
    reds = [(0.93, 0.55, 0.16), (0.85, 0.33, 0.14), (0.96, 0.74, 0.22), (0.70, 0.24, 0.14)]
    for layer, radius in ((0.0, 0.10), (0.03, 0.075)):
        motifs.bushes(c, 8, horizon - 0.03 + layer, radius, reds[c.rng.integers(4)])
        motifs.bushes(c, 6, horizon + layer, radius * 0.8, reds[c.rng.integers(4)])
    mask = _land(c, horizon, (0.80, 0.62, 0.28), (0.62, 0.40, 0.17))
    c.shade(1 + 0.08 * c.ground(horizon, 0.6, 1.0, 1), mask)
    motifs.dots(c, c.rng.integers(70, 140), horizon + 0.02, 1, reds, 0.008)
    return Stage(horizon, (1.0, 0.97, 0.92), (0.20, 0.08, 0.02))


def desert(c: Canvas) -> Stage:
    horizon = c.rng.uniform(0.45, 0.60)
    c.gradient([(0.0, (0.36, 0.68, 0.93)), (0.55, (0.99, 0.90, 0.72))])
    c.glow((1, 0.95, 0.75), c.rng.uniform(0.1, 0.9), c.rng.uniform(0.05, 0.25), 0.16, 0.9)
    for k, tone in enumerate(((0.90, 0.68, 0.44), (0.95, 0.74, 0.45), (0.97, 0.79, 0.50))):
        line = c.skyline(horizon - 0.02 + 0.05 * k, 0.11, c.rng.uniform(0.5, 0.9), 0.1)
        mask = smooth(c.y - line[None], -0.004, 0.004)
        slope = cv2.GaussianBlur(np.gradient(line)[None] * c.size, (0, 0), 0.03 * c.size)[0]
        c.mix(c.vary(tone, 0.02), mask)
        c.shade(1 - 0.26 * smooth(slope, -0.35, 0.45)[None] * smooth(c.y - line[None], 0.16, 0.0), mask)
    mask = smooth(c.y, horizon, horizon + 0.1)
    wave = c.ground(horizon, 0.4, 0.4, 1)
    below = np.maximum(c.y - horizon, 0.01)
    c.shade(1 + 0.045 * np.sin(26 / (below + 0.3) + wave * 2.2) * smooth(below, 0.04, 0.3) + 0.03 * wave, mask)
    return Stage(horizon + 0.04, (1.0, 0.97, 0.90), (0.35, 0.15, 0.02), 0.45)


def snow(c: Canvas) -> Stage:
    horizon = c.rng.uniform(0.45, 0.60)
    c.gradient([(0.0, (0.50, 0.69, 0.90)), (0.55, (0.88, 0.93, 0.98))], 0.02)
    c.mix(c.vary((0.78, 0.85, 0.94), 0.02), c.ridge(horizon - 0.04, 0.14, 0.7, 0.3))
    if c.rng.random() < 0.7:
        motifs.pines(c, c.rng.integers(6, 12), horizon + 0.01, 0.16, (0.33, 0.50, 0.52))
    mask = _land(c, horizon, (0.97, 0.98, 1.0), (0.84, 0.90, 0.97), c.ridge(horizon, 0.03, 0.9, 0.2))
    c.shade(1 + 0.035 * c.ground(horizon, 0.3, 0.5, 1), mask)
    if c.rng.random() < 0.6:
        for _ in range(c.rng.integers(40, 110)):
            motifs.spot(c, c.rng.random(), c.rng.random(), c.rng.uniform(0.002, 0.006), 0.9, (1, 1, 1))
    return Stage(horizon + 0.01, (0.97, 0.99, 1.0), (0.20, 0.32, 0.52), 0.34)


def mountains(c: Canvas) -> Stage:
    horizon = c.rng.uniform(0.55, 0.66)
    c.gradient(DAY)
    motifs.clouds(c, c.rng.integers(0, 3), 0.05, 0.25)
    for base, height, rock in ((horizon - 0.16, 0.34, (0.60, 0.68, 0.82)), (horizon - 0.08, 0.30, (0.42, 0.48, 0.62))):
        line = c.skyline(base, height, c.rng.uniform(0.55, 0.9), 0.9)
        mask = smooth(c.y - line[None], -0.004, 0.004)
        relief = c.noise(1.2, 0.7, 1)
        c.mix(c.vary(rock, 0.02), mask)
        c.shade(1 + 0.10 * relief + 0.10 * np.sign(-np.gradient(line))[None], mask)
        c.mix((0.97, 0.98, 1.0), mask * smooth(c.y - line[None] + 0.03 * relief, 0.11, 0.06) * smooth(line, base - 0.02, base - 0.1)[None] * 0.95)
    c.mix(c.vary((0.38, 0.60, 0.42)), c.ridge(horizon - 0.01, 0.07, 0.9, 0.3))
    motifs.pines(c, 11, horizon + 0.01, 0.09, (0.18, 0.42, 0.30))
    mask = _land(c, horizon, (0.50, 0.74, 0.38), (0.28, 0.55, 0.25))
    c.shade(1 + 0.07 * c.ground(horizon, 0.5, 0.9, 1), mask)
    return Stage(horizon)
