"""Runs the recorded problems through ONNX Runtime, without a library (the function) or with ours (the kernel).

Usage: check.py FOLDER [LIBRARY]. FOLDER/<problem>/ holds model.onnx and the inputs as raw little-endian files beside
problem.json; the result is written to FOLDER/<problem>/output.
"""

import json
import os
import pathlib
import sys

import numpy
import onnx

# Or it reports to its makers.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

folder, libraries = pathlib.Path(sys.argv[1]), sys.argv[2:]
for case in sorted(path for path in folder.iterdir() if path.is_dir()):
    model = str(case / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    for library in libraries:
        options.register_custom_ops_library(library)
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feeds = {
        name: numpy.fromfile(case / name, entry["type"]).reshape(entry["shape"])
        for name, entry in json.loads((case / "problem.json").read_text()).items()
    }
    session.run(None, feeds)[0].tofile(case / "output")
    # A wrong shape must come back as an exception, not as the end of the process.
    feeds["strength"] = feeds["strength"][:, :-1]
    try:
        session.run(None, feeds)
    except Exception as error:  # ONNX Runtime has several classes
        print(f"{case.name}: {error}")
    else:
        sys.exit(f"{case.name}: a strength of the wrong shape was accepted")
