"""Where a step of the UNet spends its time on a card, by CUDA kernel, as PyTorch's profiler sees all of the process.

    cargo run --bin dense-diffusion -- export --cuda --model MODEL --out EXPORTED
    python bench/profile_card.py EXPORTED target/debug/libattention.so [BATCH] [SIDE] [KEY=VALUE ...]

BATCH counts pictures, of which each is two in a guided step; SIDE is that of the latents (64 for 512 pixels); options of ONNX
Runtime's CUDA provider follow. Needs onnxruntime-gpu, numpy and PyTorch for CUDA.
"""

import collections
import os
import pathlib
import sys
from time import perf_counter

import numpy as np
import torch

# Or it reports to its makers.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

from profile_step import inputs

RUNS = 5
SHOWN = 30


def times_by_kernel(session, made: dict[str, np.ndarray]) -> tuple[float, dict[str, tuple[float, int]]]:
    """Seconds of the fastest run without the profiler; milliseconds and calls of each kernel in the mean run with it."""
    seconds = []
    for _ in range(RUNS + 2):
        start = perf_counter()
        session.run(None, made)
        seconds.append(perf_counter() - start)
    torch.cuda.init()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profiler:
        for _ in range(RUNS):
            session.run(None, made)
        torch.cuda.synchronize()
    kernels: dict[str, tuple[float, int]] = collections.defaultdict(lambda: (0.0, 0))
    for event in profiler.key_averages():
        if event.self_device_time_total > 0:
            kernels[event.key] = (event.self_device_time_total / RUNS / 1e3, event.count // RUNS)
    return min(seconds), kernels


def main() -> None:
    exported, library = pathlib.Path(sys.argv[1]), sys.argv[2]
    numbers = [int(argument) for argument in sys.argv[3:] if "=" not in argument]
    batch, side = (numbers + [1, 64][len(numbers):])[:2]
    provider = dict(argument.split("=", 1) for argument in sys.argv[3:] if "=" in argument)
    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(library)
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(exported / "unet" / "model.onnx"), options,
        providers=[("CUDAExecutionProvider", {"prefer_nhwc": "1", **provider}), "CPUExecutionProvider"],
    )
    for modulate in (True, False):
        made = inputs(session, side, modulate, batch)
        seconds, kernels = times_by_kernel(session, made)
        total = sum(time for time, _ in kernels.values())
        kind = "modulated" if modulate else "plain"
        print(f"\n{kind}: {seconds * 1e3:.1f} ms a step, of which kernels run {total:.1f} ms\n\n| kernel | ms | calls |\n| --- | --- | --- |")
        for name, (time, calls) in sorted(kernels.items(), key=lambda item: -item[1][0])[:SHOWN]:
            print(f"| {name[:110].replace('|', '/')} | {time:.2f} | {calls} |")


if __name__ == "__main__":
    main()
