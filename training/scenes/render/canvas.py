"""What every background is painted with: gradients, noise, shapes with soft edges. Coordinates run 0..1, y downwards."""

from functools import cache

import cv2
import numpy as np

Colour = tuple[float, float, float]
cv2.setNumThreads(1)  # the renderer runs in many processes, one thread each

_TILE = 512


@cache
def _textures() -> tuple[np.ndarray, ...]:
    """Tileable noise with spectra 1/f^1, 1/f^1.5 and 1/f^2, mean 0 and deviation 1."""
    rng = np.random.default_rng(20230823)
    f = np.hypot(np.fft.fftfreq(_TILE)[:, None], np.fft.rfftfreq(_TILE)[None]) * _TILE
    f[0, 0] = np.inf
    tiles = []
    for power in (1.0, 1.5, 2.0):
        tile = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((_TILE, _TILE))) / f**power, (_TILE, _TILE))
        tiles.append((tile / tile.std()).astype(np.float32))
    return tuple(tiles)


@cache
def grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixel centres (x, y) of a square picture, each [size, size]."""
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size
    x, y = np.meshgrid(axis, axis)
    return x, y


def smooth(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """The cubic step from 0 at `low` to 1 at `high` (which may be the smaller one)."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


class Canvas:
    """A square picture under the brush: `rgb` is float32 [size, size, 3] in 0..1."""

    def __init__(self, size: int, rng: np.random.Generator):
        self.size, self.rng = size, rng
        self.x, self.y = grid(size)
        self.rgb = np.zeros((size, size, 3), np.float32)
        self.origin = (0, 0)

    def part(self, x0: float, y0: float, x1: float, y1: float) -> "Canvas":
        """A window of this picture that shares its pixels: small things are painted there at a small cost."""
        left, right = (int(np.clip(v, 0, self.size)) for v in (np.floor(x0 * self.size), np.ceil(x1 * self.size)))
        top, bottom = (int(np.clip(v, 0, self.size)) for v in (np.floor(y0 * self.size), np.ceil(y1 * self.size)))
        window, inner = np.s_[top:bottom, left:right], object.__new__(Canvas)
        inner.size, inner.rng, inner.origin = self.size, self.rng, (left, top)
        inner.x, inner.y, inner.rgb = self.x[window], self.y[window], self.rgb[window]
        return inner

    def vary(self, colour: Colour, amount: float = 0.04) -> np.ndarray:
        """The colour, a little different in every scene: lightness first, hue less."""
        shift = self.rng.normal(0, amount) + self.rng.normal(0, amount * 0.5, 3)
        return np.clip(np.array(colour, np.float32) + shift, 0, 1).astype(np.float32)

    def gradient(self, stops: list[tuple[float, Colour]], amount: float = 0.03) -> None:
        """Fills the picture from top to bottom; stops are (y, colour) in order of y."""
        at = [s[0] for s in stops]
        shift = self.rng.normal(0, amount)
        colours = np.array([self.vary(s[1], amount * 0.5) + shift for s in stops])
        axis = self.y[:, 0]
        column = np.stack([np.interp(axis, at, colours[:, c]) for c in range(3)], -1)
        self.rgb[:] = np.clip(column, 0, 1)[:, None]

    def mix(self, colour, mask: np.ndarray) -> None:
        """Lays a colour ([3] or [size, size, 3]) over the picture with opacity `mask`."""
        self.rgb += mask[..., None] * (np.asarray(colour, np.float32) - self.rgb)

    def shade(self, factor: np.ndarray, mask: np.ndarray | float = 1.0) -> None:
        """Multiplies the light by `factor` where `mask` is 1."""
        self.rgb *= (1 + mask * (factor - 1))[..., None]

    def noise(self, scale_x: float, scale_y: float | None = None, rough: int = 1) -> np.ndarray:
        """A noise field; `scale` = how many times larger than a texture tile the picture is (1: about 4 big blobs)."""
        u = self.x * (scale_x * 128) + np.float32(self.rng.uniform(0, _TILE))
        v = self.y * ((scale_y or scale_x) * 128) + np.float32(self.rng.uniform(0, _TILE))
        return cv2.remap(_textures()[2 - rough], u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)

    def ground(self, horizon: float, scale_x: float, scale_y: float, rough: int = 1) -> np.ndarray:
        """Noise lying on a plane that ends at the horizon; it fades where it would alias."""
        below = np.maximum(self.y - horizon, 0.004)
        depth = 0.25 / (below + 0.06)
        u = (self.x - 0.5) * depth * (scale_x * 128) + np.float32(self.rng.uniform(0, _TILE))
        v = depth * (scale_y * 128) + np.float32(self.rng.uniform(0, _TILE))
        field = cv2.remap(_textures()[2 - rough], u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        return field * smooth(below, 0.0, 0.16)

    def ridge(self, base: float, height: float, waves: float, rough: float = 0.5) -> np.ndarray:
        """Mask of the land below a random skyline; `rough` 0 gives hills, 1 gives jagged rock."""
        return smooth(self.y - self.skyline(base, height, waves, rough)[None], -0.6 / self.size, 0.9 / self.size)

    def skyline(self, base: float, height: float, waves: float, rough: float = 0.5) -> np.ndarray:
        """The y of a skyline for every column, [size]."""
        x = self.x[0]
        line = np.zeros_like(x)
        for octave in range(5):
            frequency, phase = waves * 2**octave, self.rng.uniform(0, 6.28)
            wave = np.sin(x * frequency * 6.28 + phase + 1.5 * np.sin(x * frequency * 2.1 + phase * 2))
            if rough > 0.7:
                wave = 1 - 2 * np.abs(wave)
            line += wave * (0.35 + 0.2 * rough) ** octave
        return (base - height * line * 0.5).astype(np.float32)

    def disc(self, cx: float, cy: float, radius: float, soft: float | None = None) -> np.ndarray:
        """Mask of a disc; `soft` = width of its edge (default: one pixel)."""
        soft = soft or 1.2 / self.size
        away = np.hypot(self.x - np.float32(cx), self.y - np.float32(cy))
        return smooth(away, radius + soft / 2, radius - soft / 2)

    def glow(self, colour: Colour, cx: float, cy: float, radius: float, strength: float) -> None:
        """Adds light around a point (screen blending), falling off as a Gaussian."""
        away = (self.x - np.float32(cx)) ** 2 + (self.y - np.float32(cy)) ** 2
        light = strength * np.exp(-away / (radius * radius))
        self.rgb += light[..., None] * np.asarray(colour, np.float32) * (1 - self.rgb)

    def polygons(self, shapes: list[np.ndarray]) -> np.ndarray:
        """Mask of filled polygons, each [n, 2] of (x, y); edges are anti-aliased."""
        mask = np.zeros(self.x.shape, np.uint8)
        if not mask.size:
            return mask.astype(np.float32)
        for shape in shapes:
            points = np.round((np.asarray(shape) * self.size - self.origin - 0.5) * 16).astype(np.int32)
            cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, 4)
        return mask.astype(np.float32) / 255

    def box(self, x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
        """Mask of an upright rectangle."""
        return self.polygons([np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])])
