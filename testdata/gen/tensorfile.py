"""Write the safetensors format: 8 bytes of header length, a JSON header, data."""

import json
import struct

NAMES = {"uint8": "U8", "float32": "F32", "float64": "F64", "int64": "I64"}


def write(path, tensors, metadata):
    """Write {name: numpy array} and {key: string}. Wide elements come first, so that all tensors are aligned."""
    header, body = {"__metadata__": metadata}, b""
    for name, array in sorted(tensors.items(), key=lambda item: -item[1].itemsize):
        data = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {
            "dtype": NAMES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + len(data)],
        }
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)
