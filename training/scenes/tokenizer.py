"""A small byte-pair vocabulary in CLIP's files, learnt from the captions themselves, and the tokenizer that reads it."""

import json
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

START, END, LENGTH = "<|startoftext|>", "<|endoftext|>", 48


def byte_symbols() -> dict[int, str]:
    """CLIP's map of bytes to printable characters (GPT-2's `bytes_to_unicode`), in its order."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {b: chr(b) for b in plain}
    for b in range(256):
        if b not in table:
            table[b] = chr(256 + len(table) - len(plain))
    return table


_WORD = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\w\s]|_)+")


def words(text: str) -> list[str]:
    """CLIP's pre-tokenisation: lower case; contractions, runs of letters, single digits, runs of other signs."""
    return _WORD.findall(text.lower())


def _pairs(symbols: tuple[str, ...]):
    return zip(symbols, symbols[1:])


def learn(texts: list[str], merges: int) -> list[tuple[str, str]]:
    """Byte-pair merges, most frequent first; stops early when every word is one token."""
    table = byte_symbols()
    counts = Counter(word for text in texts for word in words(text))
    splits = {}
    for word, count in counts.items():
        symbols = [table[b] for b in word.encode()]
        splits[word] = ((*symbols[:-1], symbols[-1] + "</w>"), count)
    learnt: list[tuple[str, str]] = []
    while len(learnt) < merges:
        seen = Counter()
        for symbols, count in splits.values():
            for pair in _pairs(symbols):
                seen[pair] += count
        if not seen:
            break
        best = min(seen, key=lambda pair: (-seen[pair], pair))
        learnt.append(best)
        splits = {w: (merge(s, best), n) for w, (s, n) in splits.items()}
    return learnt


def merge(symbols: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    out, i = [], 0
    while i < len(symbols):
        if symbols[i : i + 2] == pair:
            out.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return tuple(out)


def save(folder: Path, merges: list[tuple[str, str]]) -> None:
    """Writes CLIPTokenizer's four files."""
    symbols = list(byte_symbols().values())
    names = symbols + [s + "</w>" for s in symbols] + [a + b for a, b in merges] + [START, END]
    special = {"content": "", "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    begin, end = {**special, "content": START}, {**special, "content": END}
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": LENGTH, "do_lower_case": True, "errors": "replace",
              "add_prefix_space": False, "bos_token": begin, "eos_token": end, "unk_token": end, "pad_token": END}
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "vocab.json", {name: i for i, name in enumerate(names)})
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    _write(folder / "special_tokens_map.json", {"bos_token": begin, "eos_token": end, "unk_token": end, "pad_token": END})
    _write(folder / "tokenizer_config.json", config)


def _write(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


class Tokenizer:
    """Reads `vocab.json` and `merges.txt`; ids are those of CLIPTokenizer on the same files."""

    def __init__(self, folder: Path):
        self.vocabulary = json.loads((folder / "vocab.json").read_text())
        lines = (folder / "merges.txt").read_text().splitlines()[1:]
        self.ranks = {tuple(line.split()): i for i, line in enumerate(lines) if line}
        self.start, self.end = self.vocabulary[START], self.vocabulary[END]
        self._table = byte_symbols()
        self._word = lru_cache(1 << 16)(self._split)

    def __len__(self) -> int:
        return len(self.vocabulary)

    def _split(self, word: str) -> tuple[int, ...]:
        symbols = [self._table[b] for b in word.encode()]
        symbols = (*symbols[:-1], symbols[-1] + "</w>")
        while len(symbols) > 1:
            best = min(_pairs(symbols), key=lambda pair: self.ranks.get(pair, 1 << 30))
            if best not in self.ranks:
                break
            symbols = merge(symbols, best)
        return tuple(self.vocabulary.get(s, self.end) for s in symbols)

    def ids(self, text: str) -> list[int]:
        """Token ids without start, end and padding."""
        return [i for word in words(text) for i in self._word(word)]

    def __call__(self, text: str, length: int = LENGTH) -> list[int]:
        """Start, text, end, padded with `end` to `length`; what is too long is cut."""
        ids = [self.start, *self.ids(text)[: length - 2], self.end]
        return ids + [self.end] * (length - len(ids))
