#!/usr/bin/env python3
"""Write a tiny model directory, with the faults that the options ask for.

usage: make-model.py DIR [option]...
  config:KEY=JSON      set a key of config.json
  config:KEY           drop it
  text:KEY=TEXT        set a key to TEXT as it stands, JSON or not
  shape:TENSOR=2x3     give a tensor another shape; it is added if new
  dtype:TENSOR=F32     another dtype (`dtype:*` for all)
  fill:TENSOR=7fc0     put these bits into its first element
  drop:TENSOR          leave it out
  rename:OLD=NEW       replace OLD in every tensor name
  shards:N             write N shards and an index
  file:NAME=TEXT       write a further file
"""
import json
import os
import struct
import sys

WIDTH = {"BF16": 2, "F16": 2, "F32": 4, "F64": 8, "I64": 8}
CONFIG = {"model_type": "mamba", "hidden_size": 4, "intermediate_size": 6,
          "state_size": 3, "conv_kernel": 4, "time_step_rank": 2,
          "num_hidden_layers": 2, "vocab_size": 11, "use_bias": False,
          "use_conv_bias": True, "tie_word_embeddings": True,
          "layer_norm_epsilon": 1e-05, "hidden_act": "silu",
          "residual_in_fp32": True}


def tensors(c):
    """Name to shape, for the configuration before any fault."""
    h, d, n, r = (c[k] for k in ("hidden_size", "intermediate_size",
                                 "state_size", "time_step_rank"))
    out = {"backbone.embeddings.weight": [c["vocab_size"], h],
           "backbone.norm_f.weight": [h]}
    for i in range(c["num_hidden_layers"]):
        for name, shape in {
                "norm.weight": [h], "mixer.in_proj.weight": [2 * d, h],
                "mixer.conv1d.weight": [d, 1, c["conv_kernel"]],
                "mixer.conv1d.bias": [d], "mixer.x_proj.weight": [r + 2 * n, d],
                "mixer.dt_proj.weight": [d, r], "mixer.dt_proj.bias": [d],
                "mixer.A_log": [d, n], "mixer.D": [d],
                "mixer.out_proj.weight": [h, d]}.items():
            out[f"backbone.layers.{i}.{name}"] = shape
    return out


def write(path, names, shapes, dtypes, fills):
    header, data = {}, b""
    for name in names:
        count = 1
        for extent in shapes[name]:
            count *= extent
        width = WIDTH[dtypes[name]]
        bits = bytearray(count * width)
        if name in fills:
            bits[:width] = int(fills[name], 16).to_bytes(width, "little")
        header[name] = {"dtype": dtypes[name], "shape": shapes[name],
                        "data_offsets": [len(data), len(data) + len(bits)]}
        data += bytes(bits)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    directory, options = sys.argv[1], sys.argv[2:]
    os.makedirs(directory, exist_ok=True)
    for old in os.listdir(directory):
        os.remove(os.path.join(directory, old))
    config, texts, shards, rename = dict(CONFIG), {}, 0, []
    shapes = tensors(config)
    dtypes, fills, files = {}, {}, {"tokenizer.json": "{}"}
    for option in options:
        kind, _, rest = option.partition(":")
        key, equals, value = rest.partition("=")
        if kind == "config" and equals:
            config[key] = json.loads(value)
        elif kind == "config":
            del config[key]
        elif kind == "text":
            texts[key] = value
        elif kind == "shape":
            shapes[key] = [int(x) for x in value.split("x")]
        elif kind == "dtype":
            dtypes[key] = value
        elif kind == "fill":
            fills[key] = value
        elif kind == "drop":
            del shapes[key]
        elif kind == "rename":
            rename.append((key, value))
        elif kind == "shards":
            shards = int(key)
        elif kind == "file":
            files[key] = value
        else:
            sys.exit(f"unknown option {option}")
    for old, new in rename:
        shapes = {k.replace(old, new): v for k, v in shapes.items()}
    dtypes = {k: dtypes.get(k, dtypes.get("*", "BF16")) for k in shapes}

    members = [json.dumps(k) + ": " + json.dumps(v) for k, v in config.items()]
    members += [json.dumps(k) + ": " + v for k, v in texts.items()]
    files["config.json"] = "{" + ", ".join(members) + "}"
    names = sorted(shapes)
    if shards:
        names = [names[i::shards] for i in range(shards)]
        index = {}
        for i, part in enumerate(names):
            shard = f"model-{i}.safetensors"
            write(os.path.join(directory, shard), part, shapes, dtypes, fills)
            index.update({name: shard for name in part})
        files["model.safetensors.index.json"] = json.dumps(
            {"metadata": {}, "weight_map": index})
    else:
        write(os.path.join(directory, "model.safetensors"), names, shapes,
              dtypes, fills)
    for name, text in files.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text)


main()
