"""Muon (Jordan et al., 2024): steps of matrices are made orthogonal, so that all directions learn equally fast.

Convolutions count as matrices of their filters. What is no matrix, and what looks up or leaves the network, is AdamW's.
A step's size is AdamW's too (Liu et al., "Muon is scalable for LLM training", 2025), so that one rate serves both.
"""

import torch
from torch import Tensor, nn

A, B, C = 3.4445, -4.7750, 2.0315  # a quintic whose iterates bring singular values near to 1
ITERATIONS, LIKE_ADAM = 5, 0.2


OUTER = ("embedding", "conv_in", "conv_out", "head", "stem", "kind", "colour")  # parts that look up, enter or leave a network


def is_hidden(name: str, weight: Tensor) -> bool:
    """Is it a matrix between hidden layers?"""
    return weight.ndim >= 2 and not any(part in name for part in OUTER)


def orthogonal(matrices: Tensor) -> Tensor:
    """[K, R, C] -> about U V^T of each one's singular value decomposition."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.mT
        x = A * x + (B * square + C * square @ square) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    def __init__(self, weights: list[nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.01):
        super().__init__(weights, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            alike: dict[tuple, list[nn.Parameter]] = {}
            for weight in group["params"]:
                if weight.grad is not None:
                    alike.setdefault(tuple(weight.shape), []).append(weight)
            rate, momentum = group["lr"], group["momentum"]
            for weights in alike.values():
                gradients = [weight.grad for weight in weights]
                means = [self.state[weight].setdefault("mean", torch.zeros_like(weight)) for weight in weights]
                torch._foreach_lerp_(means, gradients, 1 - momentum)
                directions = torch._foreach_lerp(gradients, means, momentum)
                made = orthogonal(torch.stack([direction.flatten(1) for direction in directions]))
                made = made * (rate * LIKE_ADAM * max(made.shape[1:]) ** 0.5)
                torch._foreach_mul_(weights, 1 - rate * group["weight_decay"])
                torch._foreach_sub_(weights, [step.view_as(weight) for step, weight in zip(made, weights)])


def optimizers(models: dict[str, nn.Module], rate: float) -> dict[str, torch.optim.Optimizer]:
    """Muon for the matrices between hidden layers of all models, AdamW for the rest. On a GPU their steps can be captured."""
    parts: dict[bool, list[nn.Parameter]] = {True: [], False: []}
    for kind, model in models.items():
        for name, weight in model.named_parameters():
            parts[is_hidden(f"{kind}.{name}", weight)].append(weight)
    on_gpu = parts[False][0].is_cuda
    others = torch.optim.AdamW(parts[False], rate, (0.9, 0.99), weight_decay=0.01, fused=True, capturable=on_gpu)
    return {"hidden": Muon(parts[True], rate), "others": others}
