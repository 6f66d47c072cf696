"""Writes merges.txt and encoded.txt beside this script with the tokenizers library.

pip install tokenizers; python make_tokens.py
merges.txt is learned from the sentences below; encoded.txt has, for each text, its tokens and the
text as a JSON string, with the numbers that GPT-2 gives: bytes in its order, then merges by line.
"""
import json
import pathlib
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

here = pathlib.Path(__file__).parent
learn = [
    "the stream that the many streams make is the model that the many make",
    "a private stream stays private: the others' streams don't see it, and we'll see 12 of 120",
]
tokeniser = Tokenizer(models.BPE())
tokeniser.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokeniser.train_from_iterator(
    learn,
    trainers.BpeTrainer(
        vocab_size=300,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    ),
)
merges = json.loads(tokeniser.to_str())["model"]["merges"]
merges = [m if isinstance(m, list) else m.split(" ") for m in merges]
(here / "merges.txt").write_text(
    "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8"
)
plain = [chr(c) for c in [*range(33, 127), *range(161, 173), *range(174, 256)]]
rest = [chr(256 + i) for i in range(68)]
number = {name: i for i, name in enumerate([*plain, *rest, *(a + b for a, b in merges)])}
texts = learn + [
    "the streams of a stranger",
    "  two spaces,\ttab\nand lines \n\n end  ",
    "Ünïcode, 日本語 and 🙂 it's",
    "we'll 1234 private",
    "",
]
lines = []
for text in texts:
    tokens = [number[t] for t in tokeniser.encode(text).tokens]
    lines.append(" ".join(map(str, tokens)) + "\t" + json.dumps(text))
(here / "encoded.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
