"""What another implementation left beside a checkpoint: golden.npz, golden.txt."""
import json

import numpy as np


def continuations(golden):
    """Name, prompt, and the prompt with what was generated greedily after it."""
    prompts = {name: golden[name] for name in golden.files if name.startswith("prompt_")}
    if not prompts:  # those of random weights begin as input_ids do
        prompts = {"": golden["input_ids"][:, :9]}
    for name, prompt in prompts.items():
        number = name.removeprefix("prompt_")
        generated = golden[f"generated_{number}" if number.isdigit() else "generated"]
        yield name, prompt.astype(np.int64), generated.astype(np.int64)


def texts(path):
    """Each prompt and its greedy continuation, prompt included, in the file's order."""
    read = json.loads(path.read_text())
    return read["greedy"] if "greedy" in read else {read["prompt"]: read["greedy_text"]}
