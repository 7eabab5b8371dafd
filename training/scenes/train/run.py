"""What every training run needs: a budget, the learning rate, averaged weights, checkpoints."""

import copy
import json
import math
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn


LONGEST_STEP = 300.0  # seconds; compiling is part of the first step


@dataclass
class Budget:
    """Ends a run after `minutes` of training (resumed time counted in) or after `steps`."""

    minutes: float | None
    steps: int | None

    def progress(self, elapsed: float, step: int) -> float:
        """0 at the start, 1 when the budget is spent."""
        spent = [elapsed / (self.minutes * 60)] if self.minutes else []
        spent += [step / self.steps] if self.steps else []
        if not spent:
            raise SystemExit("a run needs --minutes or --steps")
        return min(1.0, max(spent))


def rate(progress: float, step: int, warmup: int = 200) -> float:
    """Factor on the learning rate: a short rise, level for a while, then a cosine to a fiftieth."""
    fall = max(0.0, (progress - 0.25) / 0.75)
    return min(1.0, (step + 1) / warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fall)))


def device() -> torch.device:
    if torch.cuda.is_available():
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
        return torch.device("cuda")
    return torch.device("cpu")


def autocast(where: torch.device):
    """bf16 arithmetic on f32 weights, on a GPU or CPU alike; plain f32 on CPUs without AMX, where bf16 is the slower one."""
    fast = where.type == "cuda" or torch.cpu._is_amx_tile_supported()
    return torch.autocast(where.type, torch.bfloat16, enabled=fast)


def step(steppers: Iterable[torch.optim.Optimizer], weights: Iterable[nn.Parameter], loss: Tensor, value: float | Tensor) -> None:
    """One step of the optimizers at learning rate `value`; the norm of the weights' gradient is cut at 1."""
    for stepper in steppers:
        set_rate(stepper, value)
        stepper.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(weights, 1.0)
    for stepper in steppers:
        stepper.step()


class Ema:
    """A running mean of the weights, which is what is sampled and exported."""

    def __init__(self, models: dict[str, nn.Module], decay: float):
        self.decay = decay
        self.models = {name: copy.deepcopy(model).eval().requires_grad_(False) for name, model in models.items()}

    @torch.no_grad()
    def update(self, models: dict[str, nn.Module], step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, model in models.items():
            torch._foreach_lerp_(list(self.models[name].parameters()), list(model.parameters()), 1 - decay)


class Run:
    """A folder with `state.pt` (all that is needed to go on), `log.jsonl` and sample sheets."""

    def __init__(self, folder: Path, models: dict[str, nn.Module], optimizers: dict[str, torch.optim.Optimizer], ema: Ema):
        self.folder, self.models, self.optimizers, self.ema = folder, models, optimizers, ema
        self.step, self.seen, self.elapsed = 0, 0, 0.0
        self._saved = self._tick = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "state.pt").exists():
            self._load(torch.load(folder / "state.pt", map_location="cpu", weights_only=True))

    def _load(self, state: dict) -> None:
        for group, parts in (("models", self.models), ("ema", self.ema.models), ("optimizers", self.optimizers)):
            for name, part in parts.items():
                part.load_state_dict(state[group][name])
        self.step, self.seen, self.elapsed = state["step"], state["seen"], state["elapsed"]

    def save(self) -> None:
        """Writes the state whole or not at all."""
        state = {
            "models": {k: v.state_dict() for k, v in self.models.items()},
            "ema": {k: v.state_dict() for k, v in self.ema.models.items()},
            "optimizers": {k: v.state_dict() for k, v in self.optimizers.items()},
            "step": self.step, "seen": self.seen, "elapsed": self.elapsed,
        }
        torch.save(state, self.folder / "state.new")
        os.replace(self.folder / "state.new", self.folder / "state.pt")
        self._saved = time.monotonic()

    def advance(self, count: int) -> None:
        """Call once a step, with the number of samples."""
        now = time.monotonic()
        # A process that was paused did not train meanwhile.
        self.elapsed, self._tick = self.elapsed + min(now - self._tick, LONGEST_STEP), now
        self.step, self.seen = self.step + 1, self.seen + count

    def save_every(self, seconds: float) -> bool:
        """Saves if the last time is long enough ago; says whether it did."""
        due = time.monotonic() - self._saved > seconds
        if due:
            self.save()
        return due

    def log(self, **values: float) -> None:
        row = {"step": self.step, "seen": self.seen, "minutes": round(self.elapsed / 60, 2)}
        row |= {key: round(float(value), 5) for key, value in values.items()}
        print(json.dumps(row), flush=True)
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")


def set_rate(optimizer: torch.optim.Optimizer, value: float | Tensor) -> None:
    for group in optimizer.param_groups:
        group["lr"] = value
