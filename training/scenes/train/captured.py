"""A training step as a CUDA graph: the processor launches one thing instead of thousands, and no compiler runs first.

A small network keeps a card busy for less time than its thousands of launches take (with torch.compile it was idle half of
the time, and half of a short training went by before the first step).
"""

from collections.abc import Callable

import torch
from torch import Tensor

Tensors = dict[str, Tensor]

WARMUPS = 3  # steps of a kind that are launched one by one: libraries choose their algorithms, optimizers make their state


class Captured:
    """`step` maps tensors to tensors and may change others in place. Its work is captured once for each shape of its inputs, and replayed.

    It must not wait for the device, nor read from it. On a CPU it is called as it is.
    """

    def __init__(self, step: Callable[[Tensors], Tensors]):
        self.step = step
        self.graphs: dict[tuple, tuple[torch.cuda.CUDAGraph, Tensors, Tensors]] = {}
        self.seen: dict[tuple, int] = {}

    def __call__(self, inputs: Tensors) -> Tensors:
        if not all(value.is_cuda for value in inputs.values()):
            return self.step(inputs)
        shapes = tuple((name, value.shape) for name, value in inputs.items())
        if shapes not in self.graphs:
            self.seen[shapes] = self.seen.get(shapes, 0) + 1
            if self.seen[shapes] <= WARMUPS:
                return self._beside(inputs)
            self.graphs[shapes] = self._capture(inputs)
        graph, places, outputs = self.graphs[shapes]
        for name, value in inputs.items():
            places[name].copy_(value)
        graph.replay()
        return {name: value.clone() for name, value in outputs.items()}

    def _beside(self, inputs: Tensors) -> Tensors:
        """What is captured later must first have run on another stream than the default one."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            outputs = self.step(inputs)
        torch.cuda.current_stream().wait_stream(stream)
        return outputs

    def _capture(self, inputs: Tensors) -> tuple[torch.cuda.CUDAGraph, Tensors, Tensors]:
        graph, places = torch.cuda.CUDAGraph(), {name: value.clone() for name, value in inputs.items()}
        # Graphs run one after the other: they share their memory.
        pool = next(iter(self.graphs.values()))[0].pool() if self.graphs else None
        # Other threads copy scenes to the device meanwhile.
        with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
            outputs = self.step(places)
        return graph, places, outputs
