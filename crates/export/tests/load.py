"""Checks and runs an exported folder against recorded tensors, without a library (the function) and with it (the kernel).

Usage: load.py FOLDER REFERENCE.safetensors LIBRARY TOLERANCE
"""

import json
import os
import pathlib
import struct
import sys

import numpy
import onnx

# Or it reports to its makers.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

TYPES = {"F32": "float32", "I32": "int32", "I64": "int64", "U8": "uint8"}


def recorded(path: str) -> dict:
    data = pathlib.Path(path).read_bytes()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    return {
        key: numpy.frombuffer(data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]], TYPES[entry["dtype"]])
        .reshape(entry["shape"])
        for key, entry in header.items()
    }


def session(model: pathlib.Path, *libraries: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    for library in libraries:
        options.register_custom_ops_library(library)
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def unet_feeds(inputs: list, tensors: dict, modulate: bool) -> dict:
    feeds = {
        "encoder_hidden_states": tensors["unet.encoder_hidden_states"],
        "modulate": numpy.array(modulate),
        "token_regions": tensors["token_regions"][None],
    }
    for name in (i.name for i in inputs if i.name not in feeds):
        feeds[name] = tensors[name][None] if name.startswith("pixel_regions") else tensors[f"unet.0.{name}"]
    return feeds


def main(folder: pathlib.Path, reference: str, library: str, tolerance: float) -> None:
    for part in ("text_encoder", "unet", "vae_encoder", "vae_decoder"):
        onnx.checker.check_model(str(folder / part / "model.onnx"))
    tensors = recorded(reference)

    def compare(what: str, found, expected) -> None:
        difference = numpy.abs(found - expected).max()
        print(f"  {what}: off by {difference:.1e}")
        assert difference <= tolerance, what

    results = {}
    for form, libraries in (("function", ()), ("kernel", (library,))):
        unet = session(folder / "unet" / "model.onnx", *libraries)
        for kind in ("plain", "modulated"):
            found = unet.run(None, unet_feeds(unet.get_inputs(), tensors, kind == "modulated"))[0]
            compare(f"UNet, {form}, {kind}", found, tensors[f"unet.0.{kind}"])
            results[form, kind] = found
    compare("kernel and function", results["function", "modulated"], results["kernel", "modulated"])

    text = session(folder / "text_encoder" / "model.onnx").run(None, {"input_ids": tensors["ids.prompt"][None]})[0]
    compare("text encoder", text[0], tensors["text.prompt"])
    picture = session(folder / "vae_decoder" / "model.onnx").run(None, {"latent_sample": tensors["vae.latent_sample"]})[0]
    compare("VAE decoder", picture, tensors["vae.sample"])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]))
