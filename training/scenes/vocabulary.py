"""Learns the vocabulary: `python -m scenes.vocabulary`. The result, `art/tokenizer`, is committed."""

from scenes import ART
from scenes.kinds import COLOURS, drawn, kinds
from scenes.render.caption import OPENINGS, article
from scenes.render.settings import SETTINGS
from scenes.tokenizer import learn, save, words

# Words that people draw with, though no scene holds them: known as whole words, they do not swell a prompt.
OTHERS = """beautiful cute funny happy old new bright dark sunny cloudy rainy warm cold high low tall short long round grey gray gold golden
silver water river hill hills rock rocks stone road path bridge wall floor ceiling table lamp man woman boy girl child people person bear lion fox
wolf mouse frog bee wheel door window roof flower flowers leaf leaves grass sand cloud clouds star stars rain storm fog light lights shadow morning
noon evening night winter spring summer autumn front back behind under over inside outside between around through across many few one two three four
five several big large huge small little tiny left right top bottom middle center centre above below beside near next full with without and or of in
on at by to from is are has have stands sits lies flies swims runs drawing painting photo picture image cartoon""".split()


def corpus() -> list[str]:
    """Every word of the captions, those of the phrases more often."""
    texts = [*COLOURS, *OPENINGS]
    for kind in kinds():
        texts += [kind.name, *kind.names] * 4
    for setting in SETTINGS:
        texts += [*setting.phrases, *setting.places] * 2
    return texts * 3 + OTHERS + list("abcdefghijklmnopqrstuvwxyz0123456789,.!?'-")


def suggestions() -> list[str]:
    """What may be written into a region, as the studio suggests it: the settings, then the objects."""
    return [setting.phrases[0] for setting in SETTINGS] + [article(kind.name) for kind in drawn()]


def main() -> None:
    merges = learn(corpus(), 4096)
    save(ART / "tokenizer", merges)
    print(f"{len({w for t in corpus() for w in words(t)})} words, {len(merges)} merges, {514 + len(merges)} tokens")


if __name__ == "__main__":
    main()
