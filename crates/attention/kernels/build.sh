#!/bin/sh
# Makes modulated_attention.fatbin from the sources beside this script: code for sm_75 to sm_90 (an 8.9 runs that for
# 8.6), and PTX, which the driver compiles for later processors. Needs no GPU.
#
#     build.sh            with the nvcc on the search path, or that of the PyPI wheels, fetched into a folder of its own
#     NVCC=... build.sh   with this one
set -eu
cd "$(dirname "$0")"

wheels() {
    folder=${TMPDIR:-/tmp}/dense-diffusion-nvcc
    if [ ! -x "$folder/bin/pip" ]; then python3 -m venv "$folder"; fi
    "$folder/bin/pip" install --quiet --no-deps --disable-pip-version-check --only-binary=:all: \
        nvidia-cuda-nvcc==13.0.88 nvidia-cuda-runtime==13.0.96 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88 \
        nvidia-cuda-cccl==13.0.85
    echo "$folder"/lib/python3*/site-packages/nvidia/cu13/bin/nvcc
}

nvcc=${NVCC:-$(command -v nvcc || wheels)}
code=""
# 90a is the 9.0 with its warpgroups, which no later processor has.
for processor in 75 80 86 90a; do
    code="$code -gencode arch=compute_$processor,code=sm_$processor"
done
# The seed: the same source makes the same file.
# shellcheck disable=SC2086
said=$("$nvcc" -std=c++17 -O3 --frandom-seed=modulated_attention -Werror all-warnings --compress-mode=size -fatbin $code \
    -gencode arch=compute_90,code=compute_90 -o modulated_attention.fatbin modulated_attention.cu 2>&1) ||
    { echo "$said"; exit 1; }
# That the warpgroups' products are made one after the other is an advice, no warning.
case $said in *"(C75"*) echo "$said"; exit 1 ;; esac
# What the fatbin was made from, so that a test can tell when it is out of date.
sha256sum modulated_attention.cu half.cuh products.cuh tile.cuh float.cuh problem.h warp.cuh warpgroup.cuh > modulated_attention.sources
ls -l modulated_attention.fatbin
