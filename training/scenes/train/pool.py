"""Latents of many scenes at hand: rendering and encoding cost more than a training step, so each is used several times."""

import queue
import threading
from collections.abc import Iterator

import torch
from torch import Tensor

from scenes.models.vae import Autoencoder, sample
from scenes.train.data import to_signed
from scenes.train.run import autocast

FIELDS = ("ids", "phrases", "source")


class Pool:
    """A ring of the latest `capacity` scenes: scaled latents and their captions, on the training device.

    A thread keeps batches ready, so that training never waits for the renderer: where rendering is the slower of the
    two, scenes are shown more often instead.
    """

    def __init__(self, vae: Autoencoder, batches: Iterator[dict[str, Tensor]], capacity: int):
        self.vae, self.capacity = vae.eval().requires_grad_(False), capacity
        self.ready: queue.Queue[dict[str, Tensor]] = queue.Queue(8)
        threading.Thread(target=self._feed, args=(batches,), daemon=True).start()
        self.where = next(vae.parameters()).device
        self.scale = vae.config["scaling_factor"]
        self.store: dict[str, Tensor] = {}
        self.count = self.added = 0

    def _feed(self, batches: Iterator[dict[str, Tensor]]) -> None:
        for batch in batches:
            self.ready.put(batch)

    @torch.no_grad()
    def add(self, wait: bool = False) -> int:
        """Takes in one batch of new scenes; returns how many: 0 if none is ready and it may not wait for one."""
        try:
            batch = self.ready.get(block=wait, timeout=600 if wait else None)
        except queue.Empty:
            return 0
        with autocast(self.where):
            mean, spread = self.vae.encode(to_signed(batch["pixels"].to(self.where, non_blocking=True)))
        rows = {"latents": (sample(mean, spread) * self.scale).to(torch.float16)}
        rows |= {name: batch[name].to(self.where) for name in FIELDS}
        size = len(rows["latents"])
        at = (self.added + torch.arange(size, device=self.where)) % self.capacity
        for name, values in rows.items():
            if name not in self.store:
                self.store[name] = values.new_zeros((self.capacity, *values.shape[1:]))
            self.store[name][at] = values
        self.added += size
        self.count = min(self.added, self.capacity)
        return size

    def draw(self, size: int) -> dict[str, Tensor]:
        """A random batch, each scene with one of its captions."""
        at = torch.randint(self.count, (size,)).to(self.where)
        told = torch.randint(self.store["ids"].shape[1], (size,)).to(self.where)
        batch = {name: self.store[name][at, told].long() for name in FIELDS}
        return batch | {"latents": self.store["latents"][at].float()}


@torch.no_grad()
def scaling_factor(vae: Autoencoder, batches: Iterator[dict[str, Tensor]], count: int = 16) -> float:
    """1 / deviation of the latents: brings them to the unit variance that the noise schedule expects."""
    where, total = next(vae.parameters()).device, []
    for _ in range(count):
        with autocast(where):
            total.append(sample(*vae.encode(to_signed(next(batches)["pixels"].to(where)))).float().cpu())
    return 1 / float(torch.cat(total).std())
