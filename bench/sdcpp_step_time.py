"""Seconds per guided step of a checkpoint in stable-diffusion.cpp on the CPU, as one line of JSON.

    python bench/sdcpp_step_time.py MODEL [STEPS] [SIDE]

Plain Stable Diffusion: it has no regions. Needs `stable-diffusion-cpp-python` from PyPI, which is built from its source.
"""

import importlib.metadata
import json
import os
import pathlib
import resource
import statistics
import struct
import sys
import tempfile
import time

from stable_diffusion_cpp import StableDiffusion

PREFIX = "text_model."


def with_prefix(source: pathlib.Path, target: pathlib.Path) -> None:
    """Writes a text encoder with the keys that stable-diffusion.cpp knows: transformers 5 leaves the prefix out."""
    data = source.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    named = {key if key == "__metadata__" or key.startswith(PREFIX) else PREFIX + key: header[key] for key in header}
    text = json.dumps(named).encode()
    text += b" " * (-len(text) % 8)
    target.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])


def main() -> None:
    model, steps, side = pathlib.Path(sys.argv[1]), int((sys.argv[2:] or [3])[0]), int((sys.argv[3:] or [512])[0])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in ("unet", "vae"):
            (folder / part).symlink_to((model / part).resolve())
        (folder / "text_encoder").mkdir()
        weights = pathlib.Path("text_encoder") / "model.safetensors"
        with_prefix(model / weights, folder / weights)

        start = time.perf_counter()
        network = StableDiffusion(str(folder), n_threads=len(os.sched_getaffinity(0)), verbose=False)
        load = time.perf_counter() - start
        times, ends = [], []

        def progress(_step: int, _steps: int, seconds: float) -> None:
            times.append(seconds)
            ends.append(time.perf_counter())

        network.generate_image("a castle", width=side, height=side, sample_steps=steps + 1, progress_callback=progress)
        decode = time.perf_counter() - ends[-1]
    print(
        json.dumps(
            {
                "version": importlib.metadata.version("stable-diffusion-cpp-python"),
                "load_s": load,
                # The first of them warms up, and what is called before it has no time.
                "plain_step_s": statistics.median(times[-steps:]),
                "decode_s": decode,
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
