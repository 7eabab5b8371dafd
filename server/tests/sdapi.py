"""Drives a server as programs do that were written for the Stable Diffusion web UI: with PyPI's webuiapi, as it is."""

import base64
import io
import sys
import threading

import webuiapi
from PIL import Image

port, layout = int(sys.argv[1]), {"width": 8, "height": 8, "regions": 2, "runs": "32A32B"}
api = webuiapi.WebUIApi(port=port, sampler="DDIM", steps=3)

assert "Euler a" in [sampler["name"] for sampler in api.get_samplers()]
assert [model["title"] for model in api.get_sd_models()] == ["shallow"]
assert api.util_get_current_model() == "shallow"
assert "dense diffusion" in api.get_scripts()["txt2img"]
api.util_set_model("shallow")

regions = [{"text": "a desert"}, {"text": "a squirrel", "weight": 0.5}]
script = {"dense diffusion": {"args": [{"layout": {"runs": layout}, "regions": regions}]}}
size = {"width": 64, "height": 64, "cfg_scale": 5.0}
made = api.txt2img(prompt="a desert and a squirrel", seed=7, batch_size=2, alwayson_scripts=script, **size)
assert [image.size for image in made.images] == [(64, 64)] * 2
assert made.info["seed"] == 7 and made.parameters["prompt"] == "a desert and a squirrel"
assert "Seed: 7" in made.info["infotexts"][0]

read = api.png_info(made.images[1])
assert "Sampler: DDIM" in read.info and "CFG scale: 5" in read.info

plain = api.txt2img(prompt="a desert and a squirrel", seed=7, batch_size=2, **size)
assert plain.image.tobytes() != made.image.tobytes(), "the regions change the picture"

for refused in [
    dict(sampler_name="UniPC"),
    dict(enable_hr=True),
    dict(alwayson_scripts={"controlnet": {"args": [True]}}),
    dict(alwayson_scripts={"dense diffusion": {"args": [{"regions": regions}]}}),
]:
    try:
        api.txt2img(prompt="a desert", **size, **refused)
    except RuntimeError as error:
        assert error.args[0] == 422, error
    else:
        raise AssertionError(f"{refused} was taken")

# Another thread of the same program looks on, and ends it.
ended = []
long = dict(prompt="a desert", width=256, height=256, steps=1000)
painting = threading.Thread(target=lambda: ended.append(api.txt2img(**long)))
painting.start()
while api.get_progress()["state"]["sampling_step"] < 1:
    assert painting.is_alive()
progress = api.get_progress()
while not (image := api.get_progress()["current_image"]):
    assert painting.is_alive()
with Image.open(io.BytesIO(base64.b64decode(image))) as preview:
    # One pixel for each of the latents, as it looks so far.
    assert preview.format == "PNG" and 0 < preview.width == preview.height <= 256
assert 0 < progress["progress"] < 1 and progress["eta_relative"] > 0 and progress["state"]["job_count"] == 1
api.interrupt()
painting.join()
assert ended[0].images == []
assert api.get_progress()["state"]["job_count"] == 0
print("all is well")
