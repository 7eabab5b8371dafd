"""The sprites, cut out of the atlas and recoloured."""

from functools import cache

import cv2
import numpy as np
from PIL import Image

from scenes import ART
from scenes.kinds import COLOURS, Kind
from scenes.pack import CELL, COLUMNS
from scenes.render import oklab


@cache
def _atlas() -> np.ndarray:
    return np.asarray(Image.open(ART / "atlas.webp").convert("RGBA"))


@cache
def sprite(kind: Kind, colour: str | None) -> np.ndarray:
    """RGBA uint8, trimmed to what is opaque; colour None leaves the sprite's own colours."""
    row, column = divmod(kind.index, COLUMNS)
    cell = _atlas()[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL]
    rows, columns = np.nonzero(cell[..., 3].max(1) > 24)[0], np.nonzero(cell[..., 3].max(0) > 24)[0]
    cell = cell[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    cell = cell[: round(len(cell) * (1 - kind.cut))]
    return cell if colour is None else _recolour(cell, kind, colour)


def _recolour(cell: np.ndarray, kind: Kind, colour: str) -> np.ndarray:
    """Gives the pixels of the body's hue the wanted colour; their shading stays, other parts are left alone."""
    hue, width, least = kind.body
    lab = oklab.from_srgb(cell[..., :3].astype(np.float32) / 255)
    light, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    angle = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    away = np.abs((angle - hue + 180) % 360 - 180)
    weight = np.clip((width * 1.15 - away) / (width * 0.3), 0, 1) * np.clip((chroma - least) / 0.05, 0, 1)
    weight = cv2.GaussianBlur(weight.astype(np.float32), (0, 0), 0.7)
    body = (weight > 0.7) & (cell[..., 3] > 200)
    if not body.any():
        raise ValueError(f"{kind.name}: no pixel of its body's hue {hue}, see art/kinds.toml")
    own_light, own_chroma = np.median(light[body]), np.median(chroma[body])
    wanted = oklab.from_srgb(np.array(COLOURS[colour], np.float32))
    wanted_chroma = float(np.hypot(wanted[1], wanted[2]))
    # A very light or very dark colour has less room for shading on its one side.
    contrast = 0.55 if colour in ("white", "black") else 0.85
    shift = np.clip((angle - hue + 180) % 360 - 180, -width, width) * (0.25 if wanted_chroma > 0.03 else 0)
    tone = np.radians(np.degrees(np.arctan2(wanted[2], wanted[1])) + shift)
    strength = wanted_chroma * np.clip(chroma / own_chroma, 0.35, 1.15)
    painted = np.stack(
        [wanted[0] + (light - own_light) * contrast, strength * np.cos(tone), strength * np.sin(tone)], -1)
    painted[..., 0] = np.minimum(painted[..., 0], 0.99)
    mixed = lab + weight[..., None] * (painted - lab)
    rgb = np.clip(oklab.to_srgb(mixed) * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.dstack([rgb, cell[..., 3]])
