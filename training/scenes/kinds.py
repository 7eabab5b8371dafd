"""The table of kinds and colours: `art/kinds.toml` read once."""

import tomllib
from dataclasses import dataclass
from functools import cache

from scenes import ART

# Name -> sRGB in 0..1: the tones of the sprites' own palette, so that recoloured ones sit beside untouched ones.
COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.88, 0.13, 0.22),
    "orange": (0.98, 0.53, 0.13),
    "yellow": (0.99, 0.82, 0.20),
    "green": (0.22, 0.66, 0.30),
    "blue": (0.16, 0.48, 0.93),
    "purple": (0.53, 0.28, 0.80),
    "pink": (0.98, 0.52, 0.74),
    "white": (0.95, 0.95, 0.97),
    "black": (0.17, 0.16, 0.20),
    "brown": (0.51, 0.32, 0.20),
}


@dataclass(frozen=True)
class Kind:
    """One kind of object; the fields are explained at the head of `art/kinds.toml`."""

    name: str
    index: int
    code: str
    group: str
    home: str
    size: float
    body: tuple[float, float, float] | None
    cut: float
    colours: tuple[str, ...]
    names: tuple[str, ...]
    later: bool


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds in the file's order, which is the order of the atlas and of the segmenter's classes."""
    table = tomllib.loads((ART / "kinds.toml").read_text())
    return tuple(_kind(i, name, row) for i, (name, row) in enumerate(table.items()))


def _kind(index: int, name: str, row: dict) -> Kind:
    body = tuple(row["body"]) if "body" in row else None
    colours = tuple(row.get("colours", COLOURS)) if body else ()
    return Kind(
        name, index, row["code"], row["group"], row["home"], row["size"], body, row.get("cut", 0.0), colours,
        tuple(row.get("names", ())), row.get("later", False),
    )


@cache
def drawn() -> tuple[Kind, ...]:
    """The kinds that scenes are made of."""
    return tuple(kind for kind in kinds() if not kind.later)
