"""Milliseconds of one attention call in PyTorch, as one line of JSON.

    python bench/torch_op_time.py cuda|cpu < SHAPES

SHAPES is a JSON list of {element, batch, heads, queries, keys, head_size}. Each shape is timed as plain
scaled_dot_product_attention (whose choice may be cuDNN's; in f16 on CUDA also as its own flash attention, where the card has
that), and modulated as the original's code does it, with logits and masks of N x M.
"""

import json
import sys
from statistics import median
from time import perf_counter

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

DEVICE = sys.argv[1]
CALLS = 50
ROUNDS, THREADS = 7, 2  # on the CPU


def time(work) -> float:
    return time_on_gpu(work) if DEVICE == "cuda" else time_on_cpu(work)


def time_on_cpu(work) -> float:
    work()
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        times.append((perf_counter() - start) * 1e3)
    return median(times)


def time_on_gpu(work) -> float:
    for _ in range(CALLS // 5):
        work()
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(CALLS):
        work()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / CALLS


def time_of_flash(q, k, v):
    if DEVICE != "cuda" or q.dtype != torch.float16:
        return None
    try:
        with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
            return time(lambda: scaled_dot_product_attention(q, k, v))
    except RuntimeError:  # before Ampere
        return None


def modulated(q, k, v, masks, strength: float):
    """The original's attention with its value-range adaptive terms, arXiv 2308.12964."""
    sim = torch.baddbmm(
        torch.empty(q.shape[0], q.shape[1], k.shape[1], dtype=q.dtype, device=q.device),
        q, k.transpose(1, 2), beta=0, alpha=q.shape[-1] ** -0.5,
    )
    up = sim.max(-1, keepdim=True)[0] - sim
    down = sim - sim.min(-1, keepdim=True)[0]
    sim = sim + strength * (masks * up - (1 - masks) * down)
    return torch.bmm(sim.softmax(-1), v)


@torch.no_grad()
def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(THREADS)
    times = []
    for shape in json.load(sys.stdin):
        dtype = {"f16": torch.float16, "f32": torch.float32}[shape["element"]]
        heads = (shape["batch"], shape["heads"])

        def tensor(rows: int):
            return torch.randn(*heads, rows, shape["head_size"], dtype=dtype, device=DEVICE)

        q, k, v = tensor(shape["queries"]), tensor(shape["keys"]), tensor(shape["keys"])
        flat = [x.flatten(0, 1) for x in (q, k, v)]
        masks = (torch.rand(len(flat[0]), shape["queries"], shape["keys"], device=DEVICE) < 0.3).to(dtype)
        times.append({
            "plain_ms": time(lambda: scaled_dot_product_attention(q, k, v)),
            "flash_ms": time_of_flash(q, k, v),
            "original_ms": time(lambda: modulated(*flat, masks, 0.3)),
        })
        del q, k, v, flat, masks
        if DEVICE == "cuda":
            torch.cuda.empty_cache()
    print(json.dumps({"torch": torch.__version__, "cuda": torch.version.cuda, "times": times}))


if __name__ == "__main__":
    main()
