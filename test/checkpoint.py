"""Checkpoints of float32 tensors, for tests that make up their weights."""
import json
import struct

import numpy as np


def write_checkpoint(folder, tensors):
    """Writes `tensors`, arrays by name, to `folder`/model.safetensors."""
    header, data = {}, b""
    for name, array in tensors.items():
        bytes_ = np.ascontiguousarray(array, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": np.shape(array),
                        "data_offsets": [len(data), len(data) + len(bytes_)]}
        data += bytes_
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
