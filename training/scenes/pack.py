"""Packs the sprites of the chosen kinds into `art/atlas.webp`: `python -m scenes.pack FOLDER`.

FOLDER holds the unpacked npm package `@lobehub/fluent-emoji-3d` (`npm pack @lobehub/fluent-emoji-3d && tar xf *.tgz`
gives `package/`). The atlas is committed, the package is not.
"""

import sys
from pathlib import Path

from PIL import Image

from scenes import ART
from scenes.kinds import kinds

CELL = 256
COLUMNS = 10


def pack(package: Path) -> None:
    """Writes one RGBA sheet of CELL-sized cells, row by row in the order of `kinds()`."""
    table = kinds()
    rows = -(-len(table) // COLUMNS)
    sheet = Image.new("RGBA", (COLUMNS * CELL, rows * CELL))
    for kind in table:
        sprite = Image.open(package / "assets" / f"{kind.code}.webp").convert("RGBA")
        if sprite.size != (CELL, CELL):
            raise SystemExit(f"{kind.name}: the sprite is {sprite.size}, expected {CELL}x{CELL}")
        row, column = divmod(kind.index, COLUMNS)
        sheet.paste(sprite, (column * CELL, row * CELL))
    sheet.save(ART / "atlas.webp", quality=92, alpha_quality=100, method=6, exact=False)
    print(f"{len(table)} sprites, {(ART / 'atlas.webp').stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    pack(Path(sys.argv[1]))
