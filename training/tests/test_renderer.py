"""The renderer: the same seed the same picture, masks that fit what is painted, texts that fit the masks."""

import numpy as np
import pytest

from scenes.kinds import COLOURS, drawn, kinds
from scenes.layouts import layout
from scenes.render import oklab
from scenes.render.caption import describe
from scenes.render.compose import render
from scenes.render.scene import HELD_OUT, TRAIN
from scenes.render.settings import SETTINGS
from scenes.render.sprites import sprite

SEEDS = range(40)


def test_there_are_as_many_kinds_colours_and_settings_as_promised():
    assert len(drawn()) >= 40 and len(COLOURS) >= 8 and len(SETTINGS) >= 12
    assert {kind.group for kind in kinds()} == {"animal", "vehicle", "building", "plant", "food", "thing"}


@pytest.mark.parametrize("seed", range(6))
def test_a_seed_gives_the_same_picture_every_time(seed):
    one, two = render(seed, 64), render(seed, 64)
    assert np.array_equal(one.rgb, two.rgb) and np.array_equal(one.index, two.index) and one.objects == two.objects


def test_training_and_held_out_scenes_differ():
    assert not np.array_equal(render(3, 64, TRAIN).rgb, render(3, 64, HELD_OUT).rgb)


def test_another_size_shows_the_same_scene():
    for seed in SEEDS:
        small, large = render(seed, 64), render(seed, 128)
        if small.objects == large.objects:
            share = np.mean(small.index == large.index[1::2, 1::2])
            assert share > 0.94, f"seed {seed}: {share:.3f} of the cells agree"


def test_masks_hold_all_objects_and_nothing_else():
    for seed in SEEDS:
        picture = render(seed, 96)
        assert set(np.unique(picture.index)) <= set(range(len(picture.objects) + 1))
        for number in range(1, len(picture.objects) + 1):
            assert np.count_nonzero(picture.index == number) >= (0.07 * 96) ** 2


def test_what_lies_outside_the_masks_is_background_up_to_edges_and_shadows():
    """Repainting a scene's objects in white changes pixels inside the masks and, beyond their soft edge, nowhere else."""
    import cv2

    from scenes.render import compose

    for seed in range(12):
        before = render(seed, 96)
        plain = compose._sprite
        try:
            compose._sprite = lambda *a: (lambda w, c, m: (w, np.ones_like(c), m))(*plain(*a))
            after = render(seed, 96)
        finally:
            compose._sprite = plain
        changed = (np.abs(before.rgb.astype(int) - after.rgb) > 2).any(-1)
        reach = cv2.dilate((before.index > 0).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        assert np.count_nonzero(changed & ~reach) < 0.02 * max(1, changed.sum())


def test_every_phrase_stands_in_the_caption_and_names_an_object_or_the_setting():
    rng = np.random.default_rng(0)
    for seed in SEEDS:
        picture = render(seed, 48)
        nouns = [noun for one in picture.objects for noun in (one.kind.name, *one.kind.names)]
        words = (*picture.setting.phrases, *picture.setting.places)
        for _ in range(4):
            caption = describe(rng, picture)
            for phrase in caption.phrases:
                assert phrase in caption.text
                assert phrase in words or any(phrase.endswith(noun) for noun in nouns), (caption.text, phrase)


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind.colours], ids=lambda kind: kind.name)
def test_a_recoloured_sprite_has_the_colour_it_is_named_after(kind):
    """Of all named colours, the one asked for is nearest to the middle of the pixels that changed."""
    own = sprite(kind, None)[..., :3].astype(float)
    names = [name for name in COLOURS if name in kind.colours]
    tones = oklab.from_srgb(np.array([COLOURS[name] for name in names], np.float32))
    for colour in names:
        cell = sprite(kind, colour)
        changed = (np.abs(cell[..., :3] - own).max(-1) > 12) & (cell[..., 3] > 250)
        if np.count_nonzero(changed) < 0.1 * np.count_nonzero(cell[..., 3] > 250):
            continue  # its own colour
        tone = np.median(oklab.from_srgb(cell[changed][:, :3].astype(np.float32) / 255), axis=0)
        assert names[int(np.argmin(np.linalg.norm(tones - tone, axis=1)))] == colour


def test_layouts_are_ordered_by_area_and_their_texts_stand_in_the_prompt():
    for seed in range(40):
        regions, item = layout(seed, HELD_OUT)
        areas = np.bincount(regions.ravel())[1:]
        assert len(areas) == len(item["objects"]) and list(areas) == sorted(areas, reverse=True)
        assert all(text in item["textual_condition"] for text in item["segment_descriptions"])
