"""Training in miniature: it goes on where it stopped, and what it exports is what diffusers reads."""

import filecmp
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from scenes import ART
from scenes.export import PLACES, export
from scenes.held_out import TIMESTEPS, errors
from scenes.models.text import TextEncoder
from scenes.models.unet import UNet
from scenes.models.vae import Autoencoder
from scenes.patches import NAME, Patches, fit
from scenes.modulation import Modulation
from scenes.presets import CPU, GPU, TINY
from scenes.render.caption import Caption
from scenes.render.compose import render
from scenes.sample import paint
from scenes.tokenizer import LENGTH, Tokenizer
from scenes.train import pool, sheets, unet, vae
from scenes.train.data import PHRASE_LENGTH, WHOLE, pixels, spans, to_signed, window
from scenes.train.grounding import grounding
from scenes.train.muon import LIKE_ADAM, Muon
from scenes.train.run import Budget


def same(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_two_steps_are_two_steps_with_or_without_a_stop_between(tmp_path):
    torch.set_num_threads(1)
    straight = vae.train(TINY, tmp_path / "a", Budget(None, 2))
    vae.train(TINY, tmp_path / "b", Budget(None, 2), stop_after=1)
    resumed = vae.train(TINY, tmp_path / "b", Budget(None, 2))
    assert resumed.step == 2 and resumed.seen == straight.seen
    assert same(straight.models["vae"], resumed.models["vae"]) and same(straight.ema.models["vae"], resumed.ema.models["vae"])


def test_a_run_that_goes_on_between_two_steps_of_the_encoder_still_writes_its_log(tmp_path):
    torch.set_num_threads(1)
    vae.train(TINY, tmp_path, Budget(None, 100), stop_after=99)
    assert vae.train(TINY, tmp_path, Budget(None, 100)).step == 100
    assert json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])["step"] == 100


def test_a_replay_has_new_rows_first_and_then_some_of_the_latest(monkeypatch):
    monkeypatch.setattr(pool, "CAPACITY", 6)
    replay = pool.Replay(({"n": torch.arange(4 * i, 4 * i + 4)} for i in range(99)), 12)
    for i in range(9):
        drawn = replay.draw(torch.device("cpu"))["n"].tolist()
        assert drawn[:4] == [4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3] and len(drawn) == 12
        assert all(max(0, 4 * i - 2) <= n < 4 * i + 4 for n in drawn[4:])


def test_a_vae_that_sees_each_scene_twice_has_seen_its_steps_batches(tmp_path):
    assert vae.train(replace(TINY, vae_batch=4, vae_reuse=2), tmp_path, Budget(None, 2)).seen == 8


def test_a_sheet_is_drawn_where_the_networks_compute_in_bf16(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "autocast", lambda where: torch.autocast(where.type, torch.bfloat16))
    psnr = sheets.reconstructions(Autoencoder(TINY.vae_config), Patches(fit(32, 4, 8, count=10)), 32, tmp_path / "sheet.png", 2)
    assert 0 < psnr < 60 and (tmp_path / "sheet.png").is_file()


def test_a_run_ends_in_a_model_folder_and_goes_on(tmp_path):
    torch.set_num_threads(1)
    vae.train(TINY, tmp_path / "vae", Budget(None, 1))
    first = unet.train(TINY, tmp_path, Budget(None, 1))
    second = unet.train(TINY, tmp_path, Budget(None, 2))
    assert (first.step, second.step) == (1, 2) and not same(first.models["unet"], second.models["unet"])
    assert export(TINY, tmp_path, tmp_path / "model") < 5
    assert json.loads((tmp_path / "model" / "vae" / "config.json").read_text())["scaling_factor"] > 0
    onward = unet.train(TINY, tmp_path / "onward", Budget(None, 1), init=tmp_path / "model")
    assert filecmp.cmp(tmp_path / "onward" / "vae" / NAME, tmp_path / "vae" / NAME, shallow=False)
    assert onward.step == 1
    further = tmp_path / "further"
    shutil.copytree(tmp_path / "model", further)
    export(TINY, tmp_path / "onward", further)
    kept = {part: filecmp.cmp(tmp_path / "model" / folder / name, further / folder / name, shallow=False) for part, (folder, name) in PLACES.items()}
    assert kept == {"vae": True, "unet": False, "text": False}
    with pytest.raises(SystemExit, match="no trained decoder"):
        export(TINY, tmp_path / "onward", tmp_path / "nothing")


def test_the_embedded_model_knows_more_of_held_out_scenes_than_one_that_says_nothing(tmp_path):
    torch.set_num_threads(1)
    model, silent = ART.parent.parent / "models" / "scenes", tmp_path / "silent"
    shutil.copytree(model, silent)
    weights = silent / "unet" / "diffusion_pytorch_model.safetensors"
    save_file({name: torch.zeros_like(value) for name, value in load_file(weights).items()}, weights)
    known, unknown = errors(model, 4), errors(silent, 4)
    for timestep in TIMESTEPS:
        assert all(a < b for a, b in zip(known[timestep], unknown[timestep])), (timestep, known, unknown)


def test_phrases_point_at_their_own_tokens_in_the_text():
    tokenizer = Tokenizer(ART / "tokenizer")
    caption = Caption("a dog , a red car on the beach", ("a red car", "on the beach", "a dog"), (5, 0, 9))
    ids, source, subjects = spans(tokenizer, caption)
    text = tokenizer("a dog , a red car on the beach")
    for position, at in enumerate(source):
        if at >= 0:
            assert ids[at // PHRASE_LENGTH, at % PHRASE_LENGTH] == text[position]
    assert np.count_nonzero(source >= 0) == 8 and source[3] == -1  # all words but the comma
    assert subjects[: len(caption.text.split()) + 2].tolist() == [-1, 9, 9, -1, 5, 5, 5, 0, 0, 0, -1]


def test_attention_that_lies_where_its_words_belong_costs_nothing():
    """Two cells in four show kind 7; token 1 is about it, token 2 about the setting."""
    kinds, subjects = torch.tensor([[[0, 7], [0, 7]]]), torch.tensor([[-1, 7, 0]])
    right = torch.tensor([[[0.0, 0, 1], [0, 1, 0], [0, 0, 1], [0, 1, 0]]])
    swapped, even = right[..., [0, 2, 1]], torch.full((1, 4, 3), 1 / 3)
    losses = [float(grounding([maps], kinds, subjects, torch.ones(1))) for maps in (right, even, swapped)]
    assert losses[0] < 1e-3 < losses[1] < losses[2]
    # The loss of even attention by hand: log 2 for every cell, and half of the token's share squared.
    assert losses[1] == pytest.approx(np.log(2) + 0.25, abs=1e-3)
    assert float(grounding([even], kinds, torch.full((1, 3), -1), torch.ones(1))) == 0


@pytest.mark.parametrize("preset", [GPU, CPU], ids=["gpu", "cpu"])
def test_the_model_fits_into_64_mb(preset):
    with torch.device("meta"):
        models = [UNet(preset.unet_config), Autoencoder(preset.vae_config), TextEncoder(preset.text_config)]
    assert sum(p.numel() * 2 for model in models for p in model.parameters()) < 63e6


def test_the_networks_are_those_of_diffusers_and_transformers():
    diffusers, transformers = pytest.importorskip("diffusers"), pytest.importorskip("transformers")
    small = replace(TINY, unet=(32, 64))
    mine, theirs = UNet(small.unet_config), diffusers.UNet2DConditionModel.from_config(small.unet_config)
    theirs.load_state_dict(mine.state_dict())
    x, t, c = torch.randn(2, 4, 5, 7), torch.tensor([3, 700]), torch.randn(2, 48, 64)
    coder, reference = Autoencoder(small.vae_config), diffusers.AutoencoderKL.from_config(small.vae_config)
    reference.load_state_dict(coder.state_dict())
    text = TextEncoder(small.text_config)
    fields = {k: v for k, v in small.text_config.items() if k not in ("architectures", "model_type")}
    clip = transformers.CLIPTextModel(transformers.CLIPTextConfig(**fields))
    prefix = "" if next(iter(clip.state_dict())).startswith("text_model.") else "text_model."
    clip.load_state_dict({key.removeprefix(prefix): value for key, value in text.state_dict().items()}, strict=False)
    picture, ids = torch.randn(1, 3, 32, 32), torch.randint(0, 1000, (2, 48))
    with torch.no_grad():
        torch.testing.assert_close(mine(x, t, c), theirs(x, t, c).sample)
        mean = reference.encode(picture).latent_dist.mean
        torch.testing.assert_close(coder.encode(picture)[0], mean)
        torch.testing.assert_close(coder.decode(mean), reference.decode(mean).sample)
        torch.testing.assert_close(text(ids), clip(ids).last_hidden_state)


def test_the_sampler_and_the_tokenizer_are_those_of_diffusers_and_transformers():
    diffusers, transformers = pytest.importorskip("diffusers"), pytest.importorskip("transformers")
    from scenes.diffusion import SCHEDULER, Schedule

    scheduler = diffusers.DDIMScheduler.from_config(SCHEDULER)
    scheduler.set_timesteps(10)
    start = torch.randn(1, 4, 3, 3)
    wanted = start
    for t in scheduler.timesteps:
        wanted = scheduler.step(torch.sin(wanted * 3 + t), t, wanted).prev_sample
    made = Schedule(torch.device("cpu")).sample(lambda x, t, _: torch.sin(x * 3 + t), start, 10)
    torch.testing.assert_close(made, wanted, atol=1e-4, rtol=1e-4)
    clip, own = transformers.CLIPTokenizer.from_pretrained(ART / "tokenizer"), Tokenizer(ART / "tokenizer")
    for text in ("a red car , the night sky is full of stars", "An umbrella, 12 zebras! don't Über", ""):
        assert clip(text, padding="max_length", max_length=LENGTH, truncation=True)["input_ids"] == own(text)


def test_modulation_of_strength_zero_paints_the_plain_picture_and_a_strong_one_another():
    models = {"unet": UNet(TINY.unet_config).eval(), "text": TextEncoder(TINY.text_config).eval()}
    coder = Autoencoder(TINY.vae_config).eval()
    for weights in models["unet"].parameters():  # a new network says nothing
        torch.nn.init.normal_(weights, std=0.2)
    regions = np.zeros((32, 32), np.int64)
    regions[8:24, 8:24] = 1

    def painted(cross: float, own: float) -> np.ndarray:
        layout = Modulation("the beach , a dog", ["the beach", "a dog"], regions, cross, own, share=1.0)
        return paint(models, coder, [layout.text], steps=2, modulation=layout)[0].astype(int)

    again = painted(0.0, 0.0)
    assert np.abs(again - painted(0.0, 0.0)).max() == 0
    assert np.abs(again - painted(1.0, 1.0)).max() > 0
    with pytest.raises(ValueError, match="a cat"):
        Modulation("a dog", ["a cat"], regions).tokens(Tokenizer(ART / "tokenizer"))


def test_latents_are_taken_back_as_well_as_principal_components_can_and_fit_the_noise():
    patches = Patches(fit(32, 12, 8, count=60))
    pictures = to_signed(torch.stack([pixels(render(seed, 32).rgb) for seed in range(20)]))
    latents = patches.encode(pictures)
    assert 0.5 < float(latents.std()) < 2
    error = ((patches.decode(latents) - pictures) / 2).square().mean()
    assert float(-10 * error.log10()) > 18
    coarse = Patches(fit(32, 3, 8, count=60))
    assert float((coarse.decode(coarse.encode(pictures)) - pictures).square().mean()) > 4 * float(error)


def test_a_window_shows_what_its_caption_may_name():
    for seed in range(12):
        picture = render(seed, 64)
        top, left, shown = window(np.random.default_rng(seed), picture, 8)
        part = picture.index[top * 8 : top * 8 + 32, left * 8 : left * 8 + 32]
        assert part.shape == (32, 32)
        for number, one in enumerate(picture.objects, 1):
            inside, whole = np.count_nonzero(part == number), np.count_nonzero(picture.index == number)
            assert (inside > WHOLE * whole) == (one in shown)


def test_muon_steps_along_all_directions_alike():
    generator = torch.Generator().manual_seed(3)
    weight = torch.nn.Parameter(torch.randn(24, 8, 3, 3, generator=generator))
    before, rate = weight.detach().clone(), 0.01
    weight.grad = torch.randn(weight.shape, generator=generator) * 1e-3
    Muon([weight], rate, weight_decay=0.0).step()
    step = (before - weight.detach()).flatten(1)
    stretched = torch.linalg.svdvals(step) / (rate * LIKE_ADAM * 72**0.5)
    assert stretched.min() > 0.6 and stretched.max() < 1.3
    assert (step * weight.grad.flatten(1)).sum() > 0
