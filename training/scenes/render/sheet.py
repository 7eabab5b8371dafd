"""A contact sheet of scenes, to be looked at: `python -m scenes.render.sheet OUT.png [FIRST_SEED] [SIZE]`."""

import sys
import textwrap

import numpy as np
from PIL import Image, ImageDraw

from scenes.render.caption import describe
from scenes.render.compose import render


def sheet(pictures: list[np.ndarray], texts: list[str], columns: int = 6) -> Image.Image:
    """Pictures in rows, each with its text below."""
    size, rows = pictures[0].shape[0], -(-len(pictures) // columns)
    paper = Image.new("RGB", (columns * (size + 4), rows * (size + 30)), "white")
    pen = ImageDraw.Draw(paper)
    for i, (picture, text) in enumerate(zip(pictures, texts)):
        x, y = i % columns * (size + 4), i // columns * (size + 30)
        paper.paste(Image.fromarray(picture), (x, y))
        pen.text((x + 2, y + size), "\n".join(textwrap.wrap(text, size // 6)[:2]), fill="black")
    return paper


if __name__ == "__main__":
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    size = int(sys.argv[3]) if len(sys.argv) > 3 else 256
    shown = [render(seed, size) for seed in range(first, first + 24)]
    texts = [describe(np.random.default_rng([7, first + i]), picture).text for i, picture in enumerate(shown)]
    sheet([picture.rgb for picture in shown], texts).save(sys.argv[1])
