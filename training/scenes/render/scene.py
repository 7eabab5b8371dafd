"""A seed becomes a scene: which setting, which objects, where. Nothing is painted here."""

import math
from dataclasses import dataclass

import numpy as np

from scenes.kinds import Kind, drawn
from scenes.render.setting import Setting
from scenes.render.settings import SETTINGS
from scenes.render.sprites import sprite

# Streams of seeds that never meet: what is measured on was never trained on.
TRAIN, HELD_OUT, TUNE = 0, 1, 2
COUNTS = (0.03, 0.37, 0.28, 0.18, 0.09, 0.05)  # chance of 0, 1, ... 5 objects
OVERLAP = 0.12
# Objects stand anywhere on a grid of GRID x GRID cells, which are those of the latents, and come in SIZES (cells along the longer side),
# upright and unmirrored: eye and brush do not tell, but a network meets the same patches of a kind again and again.
GRID, SIZES, NARROWEST = 32, (8, 10, 12, 14, 16, 20, 24, 28), 5


@dataclass(frozen=True)
class Placed:
    """An object in the picture. x = its middle, foot = its lower edge, height and width as fractions of the side."""

    kind: Kind
    colour: str | None
    x: float
    foot: float
    height: float
    width: float
    home: str  # "free": placed without regard to the ground

    @property
    def box(self) -> tuple[float, float, float, float]:
        return self.x - self.width / 2, self.foot - self.height, self.x + self.width / 2, self.foot


def generator(seed: int, stream: int = TRAIN) -> np.random.Generator:
    """The source of all randomness of one scene."""
    return np.random.default_rng([stream, seed])


def choose_setting(rng: np.random.Generator) -> Setting:
    return SETTINGS[rng.integers(len(SETTINGS))]


def choose_kind(rng: np.random.Generator, setting: Setting) -> Kind:
    """Half of the objects are at home in the setting, the others are any."""
    table = drawn()
    if rng.random() < 0.5:
        table = [kind for kind in table if kind.home in setting.homes] or table
    return table[rng.integers(len(table))]


def choose_colour(rng: np.random.Generator, kind: Kind) -> str | None:
    return kind.colours[rng.integers(len(kind.colours))] if kind.colours else None


def place_all(rng: np.random.Generator, setting: Setting, horizon: float) -> list[Placed]:
    """Objects that overlap little, in the order in which they are painted: far to near."""
    count = rng.choice(len(COUNTS), p=COUNTS)
    natural = rng.random() < 0.55
    placed: list[Placed] = []
    for _ in range(count):
        kind = choose_kind(rng, setting)
        colour = choose_colour(rng, kind)
        if any(other.kind == kind for other in placed):
            continue  # a phrase names one object
        for _ in range(12):
            one = _place(rng, kind, colour, setting, horizon, natural, 1.0 if count < 4 else 0.8)
            if all(_shared(one, other) <= OVERLAP for other in placed):
                placed.append(one)
                break
    return sorted(placed, key=lambda one: (one.home not in ("sky",), one.foot))


def _place(rng, kind: Kind, colour, setting: Setting, horizon: float, natural: bool, zoom: float) -> Placed:
    rows, columns = sprite(kind, None).shape[:2]
    aspect = columns / rows
    home = kind.home if natural and kind.home in setting.homes else "free"
    if natural and kind.home == "sea" and "ground" in setting.homes and home == "free":
        home = "ground"
    if home in ("ground", "sea"):
        near = rng.random() ** 0.8
        foot = horizon + 0.01 + (0.975 - horizon) * near
        height = kind.size * (0.62 + 0.72 * near) * rng.uniform(0.85, 1.3) * zoom
    elif home == "sky":
        height = kind.size * rng.uniform(0.55, 1.5) * zoom
        foot = rng.uniform(height * 0.9, max(min(horizon, 0.98), height + 0.02))
    elif home == "deep":
        height = kind.size * rng.uniform(0.6, 1.4) * zoom
        foot = rng.uniform(height, 0.97)
    else:
        height = np.exp(rng.uniform(np.log(0.25), np.log(0.80))) * zoom
        foot = rng.uniform(height * 0.95, 1.03)
    cells = _cells(max(height, height * aspect), aspect)
    height, width = cells / max(aspect, 1) / GRID, cells * min(aspect, 1) / GRID
    rows, columns = (math.ceil(side * GRID - 1e-6) for side in (height, width))
    bottom = np.clip((math.ceil if home in ("ground", "sea") else round)(foot * GRID), rows, GRID)
    left = rng.integers(0, GRID - columns + 1)
    return Placed(kind, colour, float(left + columns / 2) / GRID, float(bottom) / GRID, height, width, home)


def _cells(longer: float, aspect: float) -> int:
    """The size nearest to `longer` (fraction of the picture's side) at which the shorter side can still be told."""
    able = [size for size in SIZES if size * min(aspect, 1 / aspect) >= NARROWEST] or SIZES[-1:]
    return min(able, key=lambda size: abs(math.log(size / GRID / longer)))


def _shared(a: Placed, b: Placed) -> float:
    """The overlap of two boxes as a fraction of the smaller one."""
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = a.box, b.box
    width, height = min(ax1, bx1) - max(ax0, bx0), min(ay1, by1) - max(ay0, by0)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / min(a.width * a.height, b.width * b.height)
