#!/usr/bin/env python3
"""Write the fenced blocks of a document: doc-blocks.py FILE.md DIRECTORY.

The third ```sh block becomes DIRECTORY/3.sh, and so on for each language."""
import collections
import pathlib
import re
import sys

text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
directory = pathlib.Path(sys.argv[2])
directory.mkdir(parents=True, exist_ok=True)
counts = collections.Counter()
for language, block in re.findall(r"^```(\w+)\n(.*?)^```$", text,
                                  re.DOTALL | re.MULTILINE):
    counts[language] += 1
    (directory / f"{counts[language]}.{language}").write_text(block,
                                                              encoding="utf-8")
if not counts:
    sys.exit(f"{sys.argv[1]}: no blocks found")
