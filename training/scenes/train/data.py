"""Scenes as tensors. Item n is made from seed n alone, so a run goes on where it stopped."""

import os
from collections.abc import Iterator

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from scenes import ART
from scenes.render.caption import Caption, describe
from scenes.render.compose import Picture, render
from scenes.render.scene import TRAIN, Placed
from scenes.tokenizer import LENGTH, Tokenizer

PHRASES, PHRASE_LENGTH = 6, 12
WHOLE, INSIDE = 0.6, 0.25  # more of an object than WHOLE is told of, less than INSIDE passes unmentioned


def pixels(rgb: np.ndarray) -> torch.Tensor:
    """uint8 [H, W, 3] -> uint8 [3, H, W]."""
    return torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))


def to_signed(batch: torch.Tensor) -> torch.Tensor:
    """uint8 -> f32 in -1..1."""
    return batch.float() / 127.5 - 1


def spans(tokenizer: Tokenizer, caption: Caption) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Phrases encoded alone, which of their tokens stands where in the text, and what each token of the text is about.

    Returns ids int16 [PHRASES, PHRASE_LENGTH], source int16 [LENGTH]: phrase * PHRASE_LENGTH + token, or -1, and subjects
    int16 [LENGTH]: the phrase's, or -1. The source is what the program does with a layout: the embeddings of a span give
    way to those of the phrase by itself.
    """
    text = tokenizer.ids(caption.text)[: LENGTH - 2]
    ids = np.full((PHRASES, PHRASE_LENGTH), tokenizer.end, np.int16)
    source, subjects = np.full((2, LENGTH), -1, np.int16)
    for row, words in enumerate(caption.phrases[:PHRASES]):
        ids[row] = tokenizer(words, PHRASE_LENGTH)
        own = tokenizer.ids(words)[: PHRASE_LENGTH - 2]
        for start in range(len(text) - len(own) + 1):
            if text[start : start + len(own)] == own:
                source[start + 1 : start + 1 + len(own)] = row * PHRASE_LENGTH + 1 + np.arange(len(own))
                subjects[start + 1 : start + 1 + len(own)] = caption.subjects[row]
                break
    return ids, source, subjects


def window(rng: np.random.Generator, picture: Picture, cells: int) -> tuple[int, int, tuple[Placed, ...]]:
    """A square of half the side with whole objects in it, on a grid of `cells`: top, left (in cells), what it shows.

    Half a picture costs a quarter of the time to train on, and an object fills it.
    """
    size, half = len(picture.index), cells // 2
    scale, best = size // cells, (-1.0, 0, 0, ())
    whole = np.bincount(picture.index.ravel(), minlength=len(picture.objects) + 1)
    for _ in range(8):
        top, left = rng.integers(0, cells - half + 1, 2)
        if picture.objects:
            one = picture.objects[rng.integers(len(picture.objects))]
            middle = np.array([one.foot - one.height / 2, one.x]) * cells + rng.normal(0, 1.5, 2)
            top, left = np.clip(np.round(middle - half / 2), 0, cells - half).astype(int)
        part = picture.index[top * scale : (top + half) * scale, left * scale : (left + half) * scale]
        share = np.bincount(part.ravel(), minlength=len(whole))[1:] / np.maximum(whole[1:], 1)
        seen = tuple(one for one, much in zip(picture.objects, share) if much > WHOLE)
        torn = np.count_nonzero((share > INSIDE) & (share <= WHOLE))
        if (score := min(len(seen), 2) - torn + 0.01) > best[0]:
            best = (score, int(top), int(left), seen)
    return best[1:]


def kind_map(picture: Picture, cells: int) -> np.ndarray:
    """Kind of each cell of a grid, uint8 [cells, cells]: 0 = background, n = the table's row n - 1."""
    index = cv2.resize(picture.index, (cells, cells), interpolation=cv2.INTER_NEAREST_EXACT)
    return np.array([0, *(one.kind.index + 1 for one in picture.objects)], np.uint8)[index]


class Scenes(Dataset):
    """Pictures with captions and the map of their kinds: `captions` of the whole and as many of a `window` (0: pictures alone)."""

    def __init__(self, size: int, captions: int = 0, crop: int | None = None, stream: int = TRAIN, cells: int = 16):
        self.size, self.captions, self.crop, self.stream, self.cells = size, captions, crop or size, stream, cells
        self.tokenizer = Tokenizer(ART / "tokenizer")

    def __len__(self) -> int:
        return 1 << 40

    def __getitem__(self, seed: int) -> dict[str, torch.Tensor]:
        picture = render(seed, self.size, self.stream)
        rng = np.random.default_rng([99, self.stream, seed])
        y, x = rng.integers(0, self.size - self.crop + 1, 2)
        item = {"pixels": pixels(picture.rgb[y : y + self.crop, x : x + self.crop])}
        if self.captions:
            told = [describe(rng, picture) for _ in range(self.captions)]
            windows = [window(rng, picture, self.cells) for _ in range(self.captions)]
            told += [describe(rng, picture, shown) for _, _, shown in windows]
            item["window"] = torch.tensor([at for *at, _ in windows], dtype=torch.int16)
            item["kinds"] = torch.from_numpy(kind_map(picture, self.cells))
            found = [spans(self.tokenizer, one) for one in told]
            item["ids"] = torch.tensor([self.tokenizer(one.text) for one in told], dtype=torch.int16)
            for name, values in zip(("phrases", "source", "subjects"), zip(*found)):
                item[name] = torch.from_numpy(np.stack(values))
        return item


def batches(data: Dataset, batch: int, start: int, workers: int) -> Iterator[dict[str, torch.Tensor]]:
    """Endless batches in the order of the seeds, from seed `start` on."""
    endless = DataLoader(data, batch, sampler=range(start, 1 << 40), num_workers=workers, drop_last=True,
                      collate_fn=None if _roomy() else _plain, persistent_workers=workers > 0,
                      prefetch_factor=4 if workers else None, worker_init_fn=_alone)
    return ({name: torch.as_tensor(value) for name, value in one.items()} for one in endless)


def _roomy() -> bool:
    """Is there shared memory for batches in flight? Containers often have 64 MB, and a worker that runs out dies."""
    if not os.path.isdir("/dev/shm"):
        return False
    room = os.statvfs("/dev/shm")
    return room.f_bavail * room.f_frsize > 4e9


def _plain(items: list[dict[str, torch.Tensor]]) -> dict[str, np.ndarray]:
    """A batch that travels through a pipe instead."""
    return {name: np.stack([item[name].numpy() for item in items]) for name in items[0]}


def _alone(_: int) -> None:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
