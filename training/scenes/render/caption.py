"""Words for a scene, in many forms; the phrase of each object stands in the text word for word."""

from dataclasses import dataclass

import numpy as np

from scenes.kinds import Kind
from scenes.render.compose import Picture
from scenes.render.scene import Placed
from scenes.render.setting import Setting

OPENINGS = ("", "", "", "a picture of ", "a photo of ", "an image of ", "a painting of ", "a scene with ", "there is ")
DROPPED = 0.05  # chance that an object goes unmentioned


@dataclass(frozen=True)
class Caption:
    """`phrases`: the parts of `text` that could be a region's text; `subjects`: what each is about, a kind's index + 1 or 0, the setting."""

    text: str
    phrases: tuple[str, ...]
    subjects: tuple[int, ...]


def article(noun: str, definite: bool = False) -> str:
    """The noun with its article: "a red car", "an apple", "the red car"."""
    if definite:
        return f"the {noun}"
    return f"{'an' if noun[0] in 'aeio' or noun.startswith('umbr') else 'a'} {noun}"


def phrase(rng: np.random.Generator, kind: Kind, colour: str | None, height: float = 0.35, plain: bool = False) -> str:
    """What a region's text would be: "a red car", "the big car", "car"; `plain` gives the first form only."""
    noun = kind.name if plain or not kind.names or rng.random() < 0.7 else kind.names[rng.integers(len(kind.names))]
    if colour and (plain or rng.random() < 0.85):
        noun = f"{colour} {noun}"
    if plain:
        return article(noun)
    if rng.random() < 0.12:
        if height < 0.22:
            noun = f"{('small', 'little', 'tiny')[rng.integers(3)]} {noun}"
        elif height > 0.50:
            noun = f"{('big', 'large', 'huge')[rng.integers(3)]} {noun}"
    form = rng.random()
    return noun if form < 0.12 else article(noun, definite=form < 0.20)


def describe(rng: np.random.Generator, picture: Picture, shown: tuple[Placed, ...] | None = None) -> Caption:
    """One caption of many possible ones; `shown` = the objects that a part of the picture shows, whose places are not told."""
    setting, part = picture.setting, shown is not None
    objects = [one for one in (shown if part else picture.objects) if rng.random() >= DROPPED]
    rng.shuffle(objects)
    named = [phrase(rng, one.kind, one.colour, one.height) for one in objects]
    backdrop = setting.phrases[rng.integers(len(setting.phrases))]
    place = setting.places[rng.integers(len(setting.places))]
    form = rng.random()
    about = {words: one.kind.index + 1 for words, one in zip(named, objects)}

    def caption(text: str, *phrases: str) -> Caption:
        return Caption(text, phrases, tuple(about.get(words, 0) for words in phrases))

    if not named:
        words = backdrop if form < 0.6 else place
        return caption(words, words)
    if form < 0.40:  # as the program joins the texts of regions
        words = [*named]
        words.insert(0 if rng.random() < 0.5 else rng.integers(len(words) + 1), backdrop if rng.random() < 0.7 else place)
        if rng.random() < 0.10:
            words.remove(words[rng.integers(len(words))])
        return caption(" , ".join(words), *words)
    if form < 0.52:
        return caption(_listed(rng, named), *named)
    if form < 0.64 and len(objects) > 1 and not part:
        text, used = _related(rng, objects, named)
        return caption(f"{text} {place}", *used, place)
    told = named if part else [_positioned(rng, one, words) for one, words in zip(objects, named)]
    text = _listed(rng, told)
    opening = OPENINGS[rng.integers(len(OPENINGS))]
    if form < 0.90:
        return caption(f"{opening}{text} {place}", *named, place)
    return caption(f"{opening}{backdrop} with {text}", *named, backdrop)


def _listed(rng: np.random.Generator, words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    link = " and " if rng.random() < 0.8 else " , and "
    return " , ".join(words[:-1]) + link + words[-1]


def _positioned(rng: np.random.Generator, one: Placed, words: str) -> str:
    """Says now and then where the object is."""
    if rng.random() > 0.15:
        return words
    x, y = one.x, one.foot - one.height / 2
    if x < 0.33:
        return f"{words} on the left"
    if x > 0.67:
        return f"{words} on the right"
    if y < 0.33:
        return f"{words} at the top"
    return f"{words} at the bottom" if y > 0.70 else f"{words} in the middle"


def _related(rng: np.random.Generator, objects: list[Placed], named: list[str]) -> tuple[str, tuple[str, str]]:
    """Two objects and how they lie to each other."""
    a, b = objects[:2]
    dx, dy = b.x - a.x, (b.foot - b.height / 2) - (a.foot - a.height / 2)
    if abs(dx) > abs(dy) and abs(dx) > 0.2:
        side = "to the left of" if dx > 0 else "to the right of"
    elif abs(dy) > 0.2:
        side = "above" if dy > 0 else "below"
    else:
        side = "next to"
    if rng.random() < 0.3:
        side = "beside" if abs(dx) > 0.2 else "near"
    return f"{named[0]} {side} {named[1]}", (named[0], named[1])


def setting_phrase(rng: np.random.Generator, setting: Setting) -> str:
    return setting.phrases[rng.integers(len(setting.phrases))]
