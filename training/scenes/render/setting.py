"""A setting: what paints the background, what light falls there and what it is called."""

from collections.abc import Callable
from dataclasses import dataclass

from scenes.render.canvas import Canvas, Colour


@dataclass(frozen=True)
class Stage:
    """What a painted background says about itself, for the objects to fit in."""

    horizon: float  # y where the ground begins; objects on the ground stand below it
    light: Colour = (1.0, 1.0, 1.0)  # factor on the objects' colours
    shadow: Colour = (0.10, 0.12, 0.20)
    depth: float = 0.42  # opacity of a shadow


@dataclass(frozen=True)
class Setting:
    """`phrases` name it as a region's text would, alone; `places` follow an object ("a dog ...")."""

    name: str
    paint: Callable[[Canvas], Stage]
    phrases: tuple[str, ...]
    places: tuple[str, ...]
    homes: tuple[str, ...] = ("ground", "sky")  # where objects are at home here
