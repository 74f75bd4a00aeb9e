"""Write a safetensors file: save.py FILE NAME=SHAPE[:VALUE]... (float32)."""
import json
import struct
import sys

path, *tensors = sys.argv[1:]
header, data = {}, b""
for tensor in tensors:
    name, shape = tensor.split("=")
    shape, _, value = shape.partition(":")
    shape = [int(extent) for extent in shape.split("x")]
    count = 1
    for extent in shape:
        count *= extent
    content = struct.pack("<f", float(value or 0.5)) * count
    header[name] = {"dtype": "F32", "shape": shape,
                    "data_offsets": [len(data), len(data) + len(content)]}
    data += content
text = json.dumps(header).encode()
with open(path, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
