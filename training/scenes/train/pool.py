"""Latents of many scenes at hand: rendering costs more than a training step, so each is used several times."""

import queue
import threading
from collections.abc import Iterator

import torch
from torch import Tensor

from scenes.patches import Patches
from scenes.train.data import to_signed

TOLD = ("ids", "phrases", "source", "subjects")
FIELDS = (*TOLD, "window", "kinds")
CAPACITY = 4000  # pictures that a batch of `Replay` is drawn from


class Pool:
    """A ring of the latest `capacity` scenes: latents and their captions, on the training device.

    A thread keeps batches ready, so that training never waits for the renderer: where rendering is the slower of the
    two, scenes are shown more often instead.
    """

    def __init__(self, patches: Patches, where: torch.device, batches: Iterator[dict[str, Tensor]], capacity: int):
        self.patches, self.where, self.capacity = patches, where, capacity
        self.ready: queue.Queue[dict[str, Tensor]] = queue.Queue(8)
        threading.Thread(target=self._feed, args=(batches,), daemon=True).start()
        self.store: dict[str, Tensor] = {}
        self.count = self.added = 0

    def _feed(self, batches: Iterator[dict[str, Tensor]]) -> None:
        for batch in batches:
            if self.where.type == "cuda":  # from pinned memory a copy waits for nothing
                batch = {name: value.pin_memory() for name, value in batch.items()}
            self.ready.put(batch)

    @torch.no_grad()
    def add(self, wait: bool = False) -> int:
        """Takes in one batch of new scenes; returns how many: 0 if none is ready and it may not wait for one."""
        try:
            batch = self.ready.get(block=wait, timeout=600 if wait else None)
        except queue.Empty:
            return 0
        latents = self.patches.encode(to_signed(batch["pixels"].to(self.where, non_blocking=True)))
        rows = {"latents": latents.to(torch.float16)}
        rows |= {name: batch[name].to(self.where, non_blocking=True) for name in FIELDS}
        size = len(rows["latents"])
        at = (self.added + torch.arange(size, device=self.where)) % self.capacity
        for name, values in rows.items():
            if name not in self.store:
                self.store[name] = values.new_zeros((self.capacity, *values.shape[1:]))
            self.store[name][at] = values
        self.added += size
        self.count = min(self.added, self.capacity)
        return size

    def draw(self, size: int, part: bool) -> dict[str, Tensor]:
        """A random batch of whole scenes or of windows (`part`), each with one of its captions."""
        captions = self.store["window"].shape[1]
        at = torch.randint(self.count, (size,), device=self.where)
        told = torch.randint(captions, (size,), device=self.where)
        batch = {name: self.store[name][at, told + captions * part].long() for name in TOLD}
        batch |= {"latents": self.store["latents"][at].float(), "kinds": self.store["kinds"][at].long()}
        if part:
            half = torch.arange(batch["latents"].shape[-1] // 2, device=self.where)
            top, left = self.store["window"][at, told].long().unbind(1)
            row, rows, columns = torch.arange(size, device=self.where)[:, None, None], (top[:, None] + half)[:, :, None], (left[:, None] + half)[:, None]
            batch["latents"] = batch["latents"].permute(0, 2, 3, 1)[row, rows, columns].permute(0, 3, 1, 2)
            batch["kinds"] = batch["kinds"][row, rows, columns]
        return batch


class Replay:
    """Batches of new pictures with late ones: rendering costs as much as a step of a small network, so each is shown several times."""

    def __init__(self, stream: Iterator[dict[str, Tensor]], size: int):
        self.stream, self.size = stream, size
        self.store: dict[str, Tensor] = {}
        self.added = 0

    def draw(self, where: torch.device) -> dict[str, Tensor]:
        """`size` rows: the next batch of the stream first, the others drawn from the latest CAPACITY rows."""
        fresh = next(self.stream)
        count = len(next(iter(fresh.values())))
        at = (self.added + torch.arange(count)) % CAPACITY
        for name, values in fresh.items():
            self.store.setdefault(name, values.new_zeros((CAPACITY, *values.shape[1:])))[at] = values
        self.added += count
        drawn = torch.cat([at, torch.randint(min(self.added, CAPACITY), (self.size - count,))])
        return {name: values[drawn].to(where) for name, values in self.store.items()}
