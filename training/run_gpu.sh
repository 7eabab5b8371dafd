#!/usr/bin/env bash
# Trains the model on a machine with one GPU to be had for a short time, in calls of limited length.
#
#   run_gpu.sh start [VAE UNET SEGMENTER]   train in the background, minutes for each: VAE and UNet at once, then the segmenter (0: none);
#                                           with SCENES_INIT=FOLDER go on from a model, whose VAE is kept where its minutes are 0
#   run_gpu.sh wait SECONDS                 print the log until the time is over or the training is; sheets and log go to $OUT
#   run_gpu.sh collect model|rest           pack the model as it is now (`model`), or evaluator, sheets and logs (`rest`), into $OUT
#   run_gpu.sh join FOLDER TARGET           here, afterwards: put the pieces of `collect` in FOLDER together in TARGET
#
# The training outlives the call that started it (setsid) and works on a copy of this folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
run=${SCENES_RUN:-/tmp/scenes-run} code=${SCENES_CODE:-/tmp/scenes-code} out=${OUT:-/tmp/scenes-out} preset=${SCENES_PRESET:-gpu}
python=${PYTHON:-python3}
export PYTHONUNBUFFERED=1 PYTHONPATH=$code OMP_NUM_THREADS=1
scenes() { (cd "$code" && "$python" -m scenes "$@"); }

pipeline() { # the UNet's latents are those of the patches, not of the VAE: both may learn at once
    init=()
    if [ -n "${SCENES_INIT:-}" ]; then init=(--init "$SCENES_INIT") && cp -r "$SCENES_INIT" "$run/model"; fi
    if [ "$1" != 0 ]; then
        scenes vae "$run" --preset "$preset" --minutes "$1" "${init[@]}" &
        until [ -e "$run/vae/patches.safetensors" ]; do kill -0 $! || exit 1; sleep 0.2; done
    fi
    scenes unet "$run" --preset "$preset" --minutes "$2" "${init[@]}"
    wait
    scenes export "$run" "$run/model" --preset "$preset"
    [ "$3" = 0 ] || scenes segmenter "$run" --preset "$preset" --minutes "$3"
    touch "$run/done"
}

case ${1:-} in
start)
    mkdir -p "$run" && rm -rf "$code" && cp -r "$here" "$code"
    nvidia-smi --query-gpu=name,memory.total --format=csv,noheader || echo "no GPU: this will be slow"
    setsid nohup bash "$code/run_gpu.sh" pipeline "${2:-6}" "${3:-8.4}" "${4:-0}" >"$run/log" 2>&1 </dev/null &
    echo $! >"$run/pid"
    ;;
pipeline) shift && pipeline "$@" ;;
wait)
    end=$((SECONDS + $2))
    while [ $SECONDS -lt $end ] && kill -0 "$(cat "$run/pid")" 2>/dev/null; do sleep 5; done
    tail -n 12 "$run/log" && mkdir -p "$out" && tail -n 2000 "$run/log" >"$out/log.txt"
    for part in vae unet; do # the newest sheet of each
        sheet=$(ls -t "$run/$part"/sheet*.png 2>/dev/null | head -1 || true)
        if [ -n "$sheet" ]; then cp "$sheet" "$out/$part-$(basename "$sheet")"; fi
    done
    ;;
collect)
    mkdir -p "$out"
    if [ "$2" = model ]; then
        [ -e "$run/done" ] || scenes export "$run" "$run/model" --preset "$preset"
        tar -C "$run" -cf - model | gzip -6 | split -b 15M - "$out/model.tgz."
    else
        (cd "$run" && find log vae unet segmenter -name log -o -name "*.png" -o -name "*.json*" -o -name "*.onnx" | tar -czf - -T -) |
            split -b 15M - "$out/rest.tgz."
    fi
    ls -l "$out"
    ;;
join)
    mkdir -p "$3"
    for name in model rest; do
        if ls "$2/$name.tgz."* >/dev/null 2>&1; then cat "$2/$name.tgz."* | tar -xzf - -C "$3"; fi
    done
    ;;
*)
    sed -n '2,10p' "$0"
    exit 2
    ;;
esac
