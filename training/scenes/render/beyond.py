"""Backgrounds above and within: sky, night, outer space, city by day and night, room."""

import numpy as np

from scenes.render import motifs
from scenes.render.canvas import Canvas, smooth
from scenes.render.country import _land
from scenes.render.setting import Stage


def sky(c: Canvas) -> Stage:
    c.gradient([(0.0, (0.22, 0.55, 0.95)), (1.0, (0.72, 0.90, 1.0))])
    motifs.haze(c, 0.30)
    motifs.clouds(c, c.rng.integers(4, 9), 0.08, 1.02)
    return Stage(1.1)


def night(c: Canvas) -> Stage:
    horizon = c.rng.uniform(0.66, 0.86)
    c.gradient([(0.0, (0.03, 0.05, 0.20)), (0.55, (0.12, 0.17, 0.42)), (0.85, (0.30, 0.32, 0.58))])
    c.mix((0.45, 0.42, 0.75), smooth(c.noise(0.6, 0.6, 1), 0.2, 2.6) * 0.35)
    motifs.stars(c, c.rng.integers(60, 150), horizon)
    c.mix(c.vary((0.12, 0.16, 0.34), 0.01), c.ridge(horizon - 0.03, 0.10, 0.8, 0.4))
    mask = _land(c, horizon, (0.14, 0.24, 0.32), (0.06, 0.12, 0.20), c.ridge(horizon, 0.04, 0.9, 0.2))
    c.shade(1 + 0.10 * c.ground(horizon - 0.2, 0.8, 1.0, 1), mask)
    return Stage(horizon + 0.01, (0.74, 0.78, 0.94), (0.0, 0.01, 0.06), 0.5)


def space(c: Canvas) -> Stage:
    c.rgb[:] = c.vary((0.03, 0.02, 0.09), 0.01)
    hues = [(0.45, 0.15, 0.65), (0.15, 0.30, 0.75), (0.80, 0.25, 0.50), (0.10, 0.50, 0.60)]
    for k in c.rng.permutation(4)[:2]:
        c.mix(hues[k], smooth(c.noise(0.45, 0.45, 1), -0.8, 2.2) * 0.8)
    motifs.stars(c, c.rng.integers(90, 200))
    for _ in range(c.rng.integers(0, 3)):
        x, y, r = c.rng.random(), c.rng.random(), c.rng.uniform(0.05, 0.15)
        own = c.vary([(0.85, 0.55, 0.35), (0.45, 0.65, 0.85), (0.75, 0.45, 0.65), (0.62, 0.62, 0.58)][c.rng.integers(4)])
        w = c.part(x - r * 3.2, y - r * 3.2, x + r * 3.2, y + r * 3.2)
        bands = 1 + 0.10 * np.sin((w.y - y) / r * 8 + 0.6 * w.noise(1, 0.5))
        tone = smooth(np.hypot(w.x - x + r * 0.4, w.y - y + r * 0.4), r * 1.7, r * 0.2)
        w.glow(tuple(own), x, y, r * 1.4, 0.22)
        w.mix(np.clip(own * (0.16 + 0.95 * tone * bands)[..., None], 0, 1), w.disc(x, y, r))
    return Stage(1.1, (0.92, 0.92, 1.0))


def _street(c: Canvas, horizon: float, road, kerb, line) -> None:
    """Pavement and road with dashes that run across the picture."""
    c.mix(c.vary(kerb, 0.02), smooth(c.y, horizon - 0.003, horizon + 0.003))
    edge = horizon + 0.10
    c.mix(c.vary(kerb, 0.01) * 0.75, smooth(c.y, edge - 0.014, edge - 0.010))
    mask = smooth(c.y, edge - 0.002, edge + 0.002)
    c.mix(c.vary(road, 0.02), mask)
    c.shade(1 + 0.05 * c.ground(horizon, 2.0, 1.4, 0) + 0.05 * c.ground(horizon, 0.4, 0.8, 1), mask)
    middle, phase = (edge + 1) / 2, c.rng.uniform(0, 0.2)
    marks = [np.array([[x, middle], [x + 0.12, middle], [x + 0.10, middle + 0.025], [x - 0.02, middle + 0.025]])
             for x in np.arange(-0.2, 1.2, 0.22) + phase]
    c.mix(line, c.polygons(marks) * 0.85)


def city(c: Canvas) -> Stage:
    horizon = c.rng.uniform(0.50, 0.62)
    c.gradient([(0.0, (0.45, 0.70, 0.95)), (0.6, (0.90, 0.94, 0.98))])
    motifs.clouds(c, c.rng.integers(0, 3), 0.04, 0.18)
    motifs.skyline(c, horizon, 0.25, 0.48, [(0.72, 0.79, 0.88)], (0.85, 0.92, 0.98), 0.5)
    fronts = [(0.93, 0.70, 0.55), (0.95, 0.86, 0.68), (0.68, 0.80, 0.88), (0.85, 0.60, 0.58), (0.74, 0.84, 0.72)]
    motifs.skyline(c, horizon, 0.15, 0.34, fronts, (0.72, 0.90, 1.0), 0.6)
    _street(c, horizon, (0.42, 0.44, 0.49), (0.78, 0.77, 0.76), (0.97, 0.96, 0.90))
    return Stage(horizon + 0.03)


def city_night(c: Canvas) -> Stage:
    horizon = c.rng.uniform(0.50, 0.62)
    c.gradient([(0.0, (0.05, 0.05, 0.18)), (0.6, (0.36, 0.22, 0.45))])
    motifs.stars(c, 30, 0.3)
    motifs.skyline(c, horizon, 0.25, 0.50, [(0.16, 0.15, 0.32)], (0.95, 0.80, 0.45), 0.35)
    motifs.skyline(c, horizon, 0.14, 0.34, [(0.20, 0.18, 0.36), (0.26, 0.19, 0.34), (0.15, 0.20, 0.36)], (1.0, 0.84, 0.45), 0.55)
    _street(c, horizon, (0.17, 0.16, 0.26), (0.33, 0.30, 0.42), (0.75, 0.70, 0.60))
    for x in np.arange(c.rng.uniform(0.05, 0.2), 1, 0.3):
        c.glow((1.0, 0.75, 0.40), x, horizon + 0.12, 0.13, 0.35)
    return Stage(horizon + 0.03, (0.82, 0.78, 0.92), (0.02, 0.0, 0.06), 0.5)


def room(c: Canvas) -> Stage:
    floor = c.rng.uniform(0.60, 0.72)
    walls = [(0.96, 0.90, 0.80), (0.78, 0.87, 0.88), (0.90, 0.80, 0.80), (0.82, 0.86, 0.76), (0.86, 0.83, 0.92)]
    wall = c.vary(walls[c.rng.integers(len(walls))])
    c.rgb[:] = wall
    c.shade(1.04 - 0.16 * smooth(np.hypot(c.x - c.rng.uniform(0.2, 0.8), c.y - 0.25), 0.1, 0.9))
    if c.rng.random() < 0.4:
        c.shade(1 + 0.025 * np.sign(np.sin(c.x * 6.28 * c.rng.integers(8, 14))))
    if c.rng.random() < 0.75:
        _window(c, c.rng.uniform(0.08, 0.62), c.rng.uniform(0.08, 0.16))
    planks = smooth(c.y, floor - 0.002, floor + 0.002)
    wood = c.vary([(0.78, 0.56, 0.36), (0.64, 0.43, 0.28), (0.86, 0.68, 0.47)][c.rng.integers(3)])
    c.mix(wood, planks)
    # Boards run towards the wall: their seams meet far above the picture's middle.
    u = (c.x - 0.5) / (c.y - floor + 0.45)
    c.shade(1 - 0.22 * smooth(np.abs((u * 6) % 1 - 0.5), 0.46, 0.5) + 0.04 * np.sin(np.floor(u * 6 + 0.5) * 12.9), planks)
    c.shade(1 + 0.03 * c.ground(floor - 0.3, 3.0, 0.4, 0), planks)
    c.mix(np.clip(wall * 1.08, 0, 1), smooth(np.abs(c.y - floor + 0.012), 0.015, 0.012))
    c.shade(1 - 0.25 * smooth(c.y - floor, 0.05, 0.0), planks)
    if c.rng.random() < 0.5:
        rug = [(0.75, 0.28, 0.30), (0.25, 0.42, 0.62), (0.40, 0.55, 0.42), (0.90, 0.78, 0.55)][c.rng.integers(4)]
        away = np.hypot((c.x - c.rng.uniform(0.35, 0.65)) / 0.36, (c.y - floor - 0.19) / 0.10)
        c.mix(c.vary(rug), smooth(away, 1.01, 0.99))
        c.mix((0.96, 0.92, 0.84), smooth(np.abs(away - 0.86), 0.035, 0.025) * 0.8)
    return Stage(floor + 0.02, (1.0, 0.98, 0.95), (0.16, 0.08, 0.04), 0.45)


def _window(c: Canvas, x: float, y: float) -> None:
    """A window with the day outside."""
    w, h = c.rng.uniform(0.22, 0.30), c.rng.uniform(0.26, 0.36)
    c = c.part(x - 0.02, y - 0.01, x + w + 0.02, y + h + 0.04)
    c.mix((0.99, 0.99, 0.98), c.box(x, y, x + w, y + h))
    t = smooth(c.y, y, y + h)[..., None]
    pane = np.zeros_like(c.x)
    for left in (x + w * 0.05, x + w * 0.53):
        for top in (y + h * 0.045, y + h * 0.525):
            pane = np.maximum(pane, c.box(left, top, left + w * 0.42, top + h * 0.43))
    c.mix(np.array([0.45, 0.72, 0.97], np.float32) * (1 - t) + np.array([0.85, 0.94, 1.0], np.float32) * t, pane)
    c.mix((0.45, 0.70, 0.40), pane * smooth(c.y - 0.02 * np.sin(c.x * 30), y + h * 0.80, y + h * 0.82))
    c.shade(np.float32(0.88), c.box(x - 0.01, y + h, x + w + 0.01, y + h + 0.025))
