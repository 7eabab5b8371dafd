"""Motifs that several backgrounds share: clouds, stars, trees, houses in the distance."""

import numpy as np

from scenes.render.canvas import Canvas, Colour, smooth


def clouds(c: Canvas, count: int, low: float, high: float, light: Colour = (1, 1, 1), dark: Colour = (0.80, 0.86, 0.95)) -> None:
    """Puffy clouds between the heights `low` and `high`, lit from above."""
    for _ in range(count):
        cx, cy, width = c.rng.uniform(0, 1), c.rng.uniform(low, high), c.rng.uniform(0.10, 0.24)
        puffs = c.rng.integers(4, 7)
        w = c.part(cx - width * 1.3, cy - width, cx + width * 1.3, cy + width * 0.2)
        mask = np.zeros_like(w.x)
        for i in range(puffs):
            t = (i + 0.5) / puffs * 2 - 1
            radius = width * (0.18 + 0.20 * (1 - t * t)) * c.rng.uniform(0.85, 1.2)
            mask = np.maximum(mask, w.disc(cx + t * width * 0.75, cy - radius * 0.35, radius, 0.012))
        mask *= smooth(w.y, cy + width * 0.16, cy + width * 0.10)
        tone = smooth(w.y, cy + width * 0.18, cy - width * 0.35)[..., None]
        w.mix(np.asarray(dark, np.float32) * (1 - tone) + np.asarray(light, np.float32) * tone, mask * 0.95)


def haze(c: Canvas, strength: float, colour: Colour = (1, 1, 1)) -> None:
    """Thin streaks of high cloud."""
    c.mix(colour, smooth(c.noise(0.7, 2.2, 0), 0.3, 2.4) * strength)


def stars(c: Canvas, count: int, below: float = 1.0, colour: Colour = (1, 0.98, 0.9)) -> None:
    """Points of light, some with a halo, above the line y = `below`."""
    for _ in range(count):
        x, y, big = c.rng.uniform(0, 1), c.rng.uniform(0, below), c.rng.random()
        radius = 0.0022 + 0.005 * big**6
        spot(c, x, y, radius, 0.55 + 0.45 * big, colour)
        if big > 0.9:
            spot(c, x, y, radius * 3.2, 0.25, colour)


def spot(c: Canvas, x: float, y: float, radius: float, strength: float, colour: Colour) -> None:
    """A small Gaussian spot, painted into its own window only."""
    reach, width = max(radius * 3, 1.5 / c.size), max(radius, 0.5 / c.size)
    w = c.part(x - reach, y - reach, x + reach, y + reach)
    w.mix(colour, strength * np.exp(-((w.x - x) ** 2 + (w.y - y) ** 2) / (width * width)))


def dots(c: Canvas, count: int, low: float, high: float, colours: list[Colour], radius: float) -> None:
    """Flowers, leaves or pebbles strewn over the ground: nearer ones are larger."""
    for _ in range(count):
        near = c.rng.random() ** 0.7
        tone = np.clip(np.asarray(colours[c.rng.integers(len(colours))]) + c.rng.normal(0, 0.04), 0, 1)
        spot(c, c.rng.uniform(0, 1), low + (high - low) * near, radius * (0.3 + 0.9 * near), 0.9, tone)


def pines(c: Canvas, count: int, base: float, height: float, colour: Colour, spread: float = 0.02) -> None:
    """A row of firs standing at the height `base`: three tiers each, lighter on one side."""
    shapes, lit = [], []
    for i in range(count):
        x, h = (i + c.rng.uniform(0.1, 0.9)) / count, height * c.rng.uniform(0.6, 1.15)
        foot = base + c.rng.uniform(-spread, spread)
        for tier in range(3):
            top, bottom = foot - h * (1 - 0.26 * tier), foot - h * (0.52 - 0.24 * tier)
            half = h * (0.13 + 0.055 * tier)
            shapes.append(np.array([[x, top], [x + half, bottom], [x - half, bottom]]))
            lit.append(np.array([[x, top], [x - half * 0.1, bottom], [x - half, bottom]]))
    c.mix(c.vary(colour, 0.015), c.polygons(shapes))
    c.mix(np.clip(np.asarray(colour) * 1.25 + 0.02, 0, 1), c.polygons(lit) * 0.5)


def bushes(c: Canvas, count: int, base: float, radius: float, colour: Colour) -> None:
    """Round crowns in a row, light above and dark below."""
    for i in range(count):
        x, r = (i + c.rng.uniform(0, 1)) / count, radius * c.rng.uniform(0.7, 1.3)
        y = base - r * 0.35
        w = c.part(x - r - 0.01, y - r - 0.01, x + r + 0.01, y + r + 0.01)
        tone = smooth(w.y - 0.4 * (w.x - x), y + r, y - r)[..., None]
        own = c.vary(colour, 0.02)
        w.mix(np.clip(own * (0.72 + 0.5 * tone), 0, 1), w.disc(x, y, r) * smooth(w.y, base + 0.02, base))


def skyline(c: Canvas, base: float, low: float, high: float, colours: list[Colour], lit: Colour, share: float) -> None:
    """House fronts side by side with rows of windows, of which `share` are lit."""
    x = -c.rng.uniform(0, 0.1)
    while x < 1:
        width, top = c.rng.uniform(0.10, 0.22), base - c.rng.uniform(low, high)
        wall = c.vary(colours[c.rng.integers(len(colours))], 0.02)
        w = c.part(x - 0.01, top - 0.01, x + width + 0.01, base + 0.01)
        w.mix(wall * (0.92 + 0.16 * smooth(w.x, x, x + width))[..., None], w.box(x, top, x + width, base))
        w.mix(wall * 0.82, w.box(x, top, x + width, top + 0.012))
        columns, step = max(2, int(width / 0.045)), width / max(2, int(width / 0.045))
        bright, dark = [], []
        for j in range(int((base - 0.03 - top) / 0.055)):
            for i in range(columns):
                wx, wy = x + (i + 0.28) * step, top + 0.03 + j * 0.055
                pane = np.array([[wx, wy], [wx + step * 0.46, wy], [wx + step * 0.46, wy + 0.03], [wx, wy + 0.03]])
                (bright if c.rng.random() < share else dark).append(pane)
        w.mix(lit, w.polygons(bright) * 0.9)
        w.mix(wall * 0.62, w.polygons(dark) * 0.8)
        x += width + (c.rng.uniform(0.01, 0.04) if c.rng.random() < 0.3 else 0)
