"""The part of ONNX Runtime's Python API that docs/files.md uses, on the runtime in its Node package.

Debian 12 has no package of the Python API. logits.mjs computes the predictions with ONNX Runtime.
"""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import numpy
import onnx

LOGITS = Path(__file__).parents[1] / "logits.mjs"


class InferenceSession:
    def __init__(self, path):
        self._path = path

    def get_modelmeta(self):
        pairs = onnx.load(self._path).metadata_props
        return SimpleNamespace(custom_metadata_map={pair.key: pair.value for pair in pairs})

    def run(self, output_names, input_feed):
        assert output_names is None and list(input_feed) == ["input"], (output_names, list(input_feed))
        images = input_feed["input"]
        assert images.dtype == numpy.float32 and images.ndim == 4, (images.dtype, images.shape)
        with TemporaryDirectory() as folder:
            source, target = Path(folder, "images"), Path(folder, "logits")
            images.tofile(source)
            subprocess.run(["node", LOGITS, self._path, *map(str, images.shape[1:]), source, target], check=True)
            return [numpy.fromfile(target, numpy.float32).reshape(len(images), -1)]
