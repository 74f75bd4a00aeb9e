#!/usr/bin/env python3
"""Writes what the package `tokenizers` makes of texts in many scripts.

usage: make_vectors.py <repository root>

Writes beside this script
  bytelevel.json, charlevel.json  two small tokenizers, trained here
  vectors.json                    texts, and per tokenizer and option their ids
                                  and what the ids decode to
The tests read these files; neither they nor the build need Python. Run it again
to add a text or an option, and review the difference. Made with tokenizers 0.23.
"""
import copy
import json
import pathlib
import sys

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).resolve().parent
ROOT = pathlib.Path(sys.argv[1]).resolve()

TEXTS = [
    "",
    " ",
    "Hello, world!",
    " Leading and trailing  ",
    "def f(x):\n    return x**2  # square\n\n\n",
    "I'm sure you'll say they've done what we'd do; it's 'the' cat's.",
    "I'M SURE YOU'LL SAY THEY'VE, it\u2019s it'\u017f",
    "Fa\u00e7ade na\u00efve \u0153uvre Stra\u00dfe \u0141\u00f3d\u017a \u0130stanbul",
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία.",
    "نص حكيم له سر قاطع وذو شأن عظيم؟ ١٢٣",
    "דג סקרן שט בים מאוכזב ולפתע מצא חברה",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा १२३४५",
    "色は匂へど散りぬるを。我が世誰ぞ常ならむ",
    "天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。",
    "키스의 고유조건은 입술끼리 만나야 하고",
    "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า ๑๒๓",
    "👩‍👩‍👧‍👦 and 👍🏽 or 🏳️‍🌈, 🇫🇷!",
    "e\u0301 o\u0302\u0323 \u1e9b\u0323 \u2460\u00bd\ufb01 A\u030a\u212b \uac00\u1100\u1161",
    "a\tb\u00a0c\u2003d\u3000e\u2028f\u0085g\u180eh\u200bi",
    "  \n  \t \n\n x \r\n\r\n   y   ",
    "line\r\nline\rline\n",
    "123 4567 3.14159 1,000,000 \u0663\u0664\u0665 \u0967\u0968 \u2167 \u00b2",
    "a1b22c333d4444 x_y __init__ CamelCase",
    "!?!... --- (((\u00bfque?))) \u2014 \u00ab\u2026\u00bb $\u20ac\u00a5 +=<>~`^|",
    "https://example.org/a?b=c&d=%20#e",
    "\u0000\u0001\u007f\u0080\u009f\u00ad\ufeff\ufffd",
    "\U0001d54f \U00010348 \U00020000 \U0010ffff",
    "<s>Hello</s> <s> world </s>",
    "a<mask>b  <mask>  c\n<mask>\td",
    "word xwordx word. words _word word",
    "<|end|><|end|> <|endof|>text<|endoftext|>",
    "  four    eight        nine         ",
    "\u00e9t\u00e9 e\u0301te\u0301 token\u00e9 tokene\u0301",
    "\u2581meta\u2581 \u2581\u2581space \u2581",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "\U0001f600" * 5,
    "the the the theory thethe",
]

GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
        r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*"
         r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+"
         r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def byte_level(prefix=False, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": prefix,
            "trim_offsets": True, "use_regex": regex}


def split(pattern, behavior, invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior,
            "invert": invert}


def sequence(*stages):
    return {"type": "Sequence", "pretokenizers": list(stages)}


def added(content, number, **options):
    token = {"id": number, "content": content, "single_word": False,
             "lstrip": False, "rstrip": False, "normalized": False,
             "special": True}
    return {**token, **options}


def template(single, ids):
    return {"type": "TemplateProcessing", "single": single, "pair": [],
            "special_tokens": {name: {"id": name, "ids": [number],
                                      "tokens": [name]}
                               for name, number in ids.items()}}


A = {"Sequence": {"id": "A", "type_id": 0}}


def special(name):
    return {"SpecialToken": {"id": name, "type_id": 0}}


def metaspace(scheme, cut=True):
    return {"type": "Metaspace", "replacement": "\u2581",
            "prepend_scheme": scheme, "split": cut}


def train_bytes():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=["<s>", "</s>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(TEXTS * 3, trainer)
    return json.loads(tokenizer.to_str())


def train_characters():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=640, limit_alphabet=220, show_progress=False,
        special_tokens=["<unk>", "<s>", "</s>"] +
        [f"<0x{byte:02X}>" for byte in range(256)])
    tokenizer.train_from_iterator(TEXTS * 3, trainer)
    spec = json.loads(tokenizer.to_str())
    spec["added_tokens"] = spec["added_tokens"][:3]
    return spec


def pre(*stages):
    return {"pre_tokenizer": sequence(*stages)}


def byte_options(vocabulary):
    end = len(vocabulary)
    falcon = pre({"type": "Punctuation", "behavior": "Contiguous"},
                 byte_level(), {"type": "Digits", "individual_digits": False},
                 split("[0-9][0-9][0-9]", "Isolated"))
    return {
        "plain": {},
        "prefix space": {"pre_tokenizer": byte_level(prefix=True)},
        "no regex": {"pre_tokenizer": byte_level(regex=False)},
        "gpt4": pre(split(GPT4, "Isolated"), byte_level(regex=False)),
        "gpt4 removed": pre(split(GPT4, "Removed", True),
                            byte_level(regex=False)),
        "o200k": pre(split(O200K, "Isolated"), byte_level(regex=False)),
        "falcon": falcon,
        "digits": pre({"type": "Digits", "individual_digits": True},
                      byte_level()),
        "deepseek": pre(split(r"[\r\n]", "Isolated"),
                        split(r"\s?[A-Za-z\u00b5\u00c0-\u00d6]+", "Isolated"),
                        split(r"\s+$", "Isolated"),
                        split(r"[\u4e00-\u9fa5]+", "Isolated"),
                        split(r"\p{Han}+|\p{Greek}+", "Isolated"),
                        byte_level(regex=False)),
        "previous": pre(split(r"[\s,.]", "MergedWithPrevious"),
                        byte_level(regex=False)),
        "next": pre(split(" ", "MergedWithNext", kind="String"),
                    byte_level(regex=False)),
        "contiguous": pre(split(r"\s|[^\S\n]", "Contiguous"),
                          byte_level(regex=False)),
        "removed": pre(split(r"\S", "Removed", True), byte_level(regex=False)),
        "empty matches": pre(split(r"x*", "Contiguous"),
                             byte_level(regex=False)),
        "lookbehind": pre(split(r"(?<=[a-z])(?=[A-Z])|(?<!\s)\s", "Isolated"),
                          byte_level(regex=False)),
        "ignore merges": {"model": {"ignore_merges": True}},
        "nfc": {"normalizer": {"type": "NFC"}},
        "nfkc": {"normalizer": {"type": "NFKC"}},
        "nfd": {"normalizer": {"type": "Sequence",
                               "normalizers": [{"type": "NFD"}]}},
        "nfkd": {"normalizer": {"type": "NFKD"}},
        "replace": {"normalizer": {"type": "Replace",
                                   "pattern": {"Regex": r"\s+"},
                                   "content": " "}},
        "bos": {"post_processor": template([special("<s>"), A], {"<s>": 0})},
        "bos eos": {"post_processor": {
            "type": "Sequence", "processors": [
                byte_level(),
                template([special("<s>"), A, special("</s>"), special("</s>")],
                         {"<s>": 0, "</s>": 1})]}},
        "added": {"added_tokens": [
            added("<s>", 0), added("</s>", 1, special=False),
            added("<mask>", end, lstrip=True, rstrip=True),
            added("word", vocabulary["word"], single_word=True),
            added("<|end|>", end + 1), added("<|end", end + 2),
            added("<|endoftext|>", end + 3),
            added("    ", end + 4, special=False),
            added("        ", end + 5, special=False)]},
        "added stripped": {"added_tokens": [
            added("<s>", 0, rstrip=True), added("</s>", 1, lstrip=True),
            added("the", vocabulary["the"], single_word=True, lstrip=True),
            added("<mask>", end, rstrip=True)]},
        "added normalized": {
            "normalizer": {"type": "NFC"},
            "added_tokens": [
                added("<s>", 0, normalized=True), added("</s>", 1),
                added("tokene\u0301", end, normalized=True),
                added("e\u0301t", end + 1, special=False),
                added("  ", end + 2, normalized=True, special=False)]},
    }


def character_options():
    replace = {"type": "Replace", "pattern": {"String": "\u2581"},
               "content": " "}
    llama = {
        "pre_tokenizer": None,
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "\u2581"},
            {"type": "Replace", "pattern": {"String": " "},
             "content": "\u2581"}]},
        "decoder": {"type": "Sequence", "decoders": [
            replace, {"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
        "model": {"byte_fallback": True, "fuse_unk": True},
        "post_processor": template([special("<s>"), A], {"<s>": 1}),
    }
    gemma = {
        "pre_tokenizer": split(" ", "MergedWithPrevious", kind="String"),
        "normalizer": {"type": "Replace", "pattern": {"String": " "},
                       "content": "\u2581"},
        "decoder": {"type": "Sequence", "decoders": [
            replace, {"type": "ByteFallback"}, {"type": "Fuse"}]},
        "model": {"byte_fallback": True},
    }
    return {
        "plain": {},
        "fuse": {"model": {"fuse_unk": True}},
        "first": {"pre_tokenizer": metaspace("first"),
                  "decoder": metaspace("first")},
        "never": {"pre_tokenizer": metaspace("never"),
                  "decoder": metaspace("never")},
        "whole": {"pre_tokenizer": metaspace("first", False)},
        "llama": llama,
        "gemma": gemma,
        "no decoder": {"decoder": None},
    }


def patched(spec, patch):
    spec = copy.deepcopy(spec)
    for name, value in patch.items():
        if name == "model":
            spec["model"].update(value)
        else:
            spec[name] = value
    return spec


def measure(spec, patch, name):
    spec = patched(spec, patch)
    tokenizer = Tokenizer.from_str(json.dumps(spec))
    for token in spec["added_tokens"]:
        assert tokenizer.token_to_id(token["content"]) == token["id"], token
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    result = {"name": name, "patch": patch, "ids": ids}
    # `tokenizers` decodes an added token from its normal form, which is not
    # what the file says its text is: no example for us.
    if name != "added normalized":
        decoded = [tokenizer.decode(row) for row in ids]
        # Most texts come back as they were.
        result["decoded"] = [None if back == text else back
                             for back, text in zip(decoded, TEXTS)]
    return result


def compact(value):
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def main():
    by_bytes, by_characters = train_bytes(), train_characters()
    groups = []
    for name, spec, options in (
            ("bytelevel.json", by_bytes, byte_options(by_bytes["model"]["vocab"])),
            ("charlevel.json", by_characters, character_options())):
        (HERE / name).write_text(compact(spec) + "\n")
        groups.append({"file": "tools/tokenizer/testdata/" + name,
                       "cases": [measure(spec, patch, key)
                                 for key, patch in options.items()]})
    for path in ("examples/tiny-mamba/tokenizer.json",
                 "../shared/models/tiny-mamba2/tokenizer.json"):
        spec = json.loads((ROOT / path).read_text())
        groups.append({"file": path, "cases": [measure(spec, {}, "plain")]})
    out = "{\"tokenizers\":" + compact(tokenizers.__version__)
    out += ",\n\"texts\":" + compact(TEXTS) + ",\n\"groups\":[\n"
    out += ",\n".join(
        "{\"file\":" + compact(group["file"]) + ",\"cases\":[\n" +
        ",\n".join(" " + compact(case) for case in group["cases"]) + "\n]}"
        for group in groups)
    (HERE / "vectors.json").write_text(out + "\n]}\n")


main()
