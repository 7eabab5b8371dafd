"""Where a step of the UNet spends its time, by operator, as ONNX Runtime's profiler sees it on one core.

    cargo run --bin dense-diffusion -- export --model MODEL --out EXPORTED
    python bench/profile_step.py EXPORTED target/debug/libattention.so [SIDE]

SIDE is that of the latents (64 for 512 pixels). Two columns: a modulated step, and a plain one. Needs onnxruntime and numpy.
"""

import collections
import json
import os
import pathlib
import sys
import tempfile

import numpy as np

# Or it reports to its makers.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

RUNS = 20


def inputs(session, side: int, modulate: bool, pictures: int = 1) -> dict[str, np.ndarray]:
    """A guided step: every cell in one region, half of the batch modulated unless the step is plain."""
    rng = np.random.default_rng(0)
    batch, tokens = 2 * pictures, 77
    made = {"timestep": np.array([500], np.float32)}
    for one in session.get_inputs():
        if one.name == "sample":
            made[one.name] = rng.standard_normal((batch, one.shape[1], side, side), np.float32)
        elif one.name == "encoder_hidden_states":
            made[one.name] = rng.standard_normal((batch, tokens, one.shape[2]), np.float32)
        elif one.name == "modulate":
            made[one.name] = np.array(modulate)
        elif one.name == "token_regions":
            made[one.name] = np.ones((1, tokens), np.int32)
        elif "_" in one.name:
            kind, level = one.name.rsplit("_", 1)
            cells = side
            for _ in range(int(level)):
                cells = -(-cells // 2)
            strength = np.repeat(np.float32([0.0, 0.5 if modulate else 0.0]), pictures)[:, None]
            made[one.name] = (np.ones((1, cells**2), np.int32) if kind == "pixel_regions"
                              else np.repeat(strength, cells**2, axis=1))
    return made


def profile(model: pathlib.Path, library: str, side: int, modulate: bool) -> tuple[float, dict[str, float]]:
    """Milliseconds of the median run, and of each operator in the mean run."""
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.register_custom_ops_library(library)
        options.intra_op_num_threads, options.log_severity_level = 1, 3
        options.enable_profiling, options.profile_file_prefix = True, f"{folder}/run"
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        made = inputs(session, side, modulate)
        for _ in range(RUNS):
            session.run(None, made)
        events = json.loads(pathlib.Path(session.end_profiling()).read_text())
    times: dict[str, float] = collections.defaultdict(float)
    for event in events:
        # `If` holds the time of what is inside of it, which is counted by itself.
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time") and event["args"]["op_name"] != "If":
            times[event["args"]["op_name"]] += event["dur"] / RUNS / 1e3
    runs = sorted(event["dur"] for event in events if event["name"] == "model_run")
    return runs[len(runs) // 2] / 1e3, times


def main() -> None:
    exported, library, side = pathlib.Path(sys.argv[1]), sys.argv[2], int((sys.argv[3:] or [64])[0])
    ways = [profile(exported / "unet" / "model.onnx", library, side, modulate) for modulate in (True, False)]
    print(f"| | modulated {ways[0][0]:.1f} ms | plain {ways[1][0]:.1f} ms |\n| --- | --- | --- |")
    names = sorted({name for _, times in ways for name in times}, key=lambda name: -ways[0][1].get(name, 0))
    for name in names:
        shares = [times.get(name, 0) / sum(times.values()) for _, times in ways]
        if max(shares) >= 0.01:
            print(f"| {name} | {shares[0]:.1%} | {shares[1]:.1%} |")


if __name__ == "__main__":
    main()
