"""Small data sets, pickled by Python and numpy, for nn/dataset to read.

All hold the same: pixels [[1, 2, 3], [250, 251, 252]], labels [1, 300] and names ["apple", "käfer"], in several types
and at each protocol. numpy 2 has other names for its modules; some pickles get these names here.
"""

import base64
import contextlib
import json
import pickle
import sys

import numpy

PIXELS = numpy.array([[1, 2, 3], [250, 251, 252]], "u1")
LABELS = [1, 300]
NAMES = ["apple", "käfer"]
RENAMED = {
    "numpy.core.multiarray": (numpy.core.multiarray._reconstruct, numpy.core.multiarray.scalar),
    "numpy.core.numeric": (numpy.core.numeric._frombuffer,),
}


def forms():
    """Yield a name and a dict for each way to hold the data set."""
    utf8 = [name.encode() for name in NAMES]
    read_only = PIXELS.copy()
    read_only.flags.writeable = False
    for name, keys, pixels, labels, names in (
        ("lists", str, PIXELS, LABELS, NAMES),
        ("bytes and tuples", str.encode, PIXELS, tuple(LABELS), utf8),
        ("Fortran's order, numbers and texts of numpy", str, numpy.asfortranarray(PIXELS), [numpy.int64(1), numpy.uint16(300)], [numpy.str_(n) for n in NAMES]),
        ("arrays, read-only", str, read_only, numpy.array(LABELS), numpy.array(NAMES)),
        ("big-endian arrays", str.encode, PIXELS, numpy.array(LABELS, ">i2"), numpy.array(NAMES, ">U7")),
        ("a column and an array of bytes", str, PIXELS, numpy.array(LABELS, "u4")[:, None], numpy.array(utf8)),
        ("a column in Fortran's order, objects", str, PIXELS, numpy.asfortranarray(numpy.array(LABELS, "i8")[:, None]), numpy.array(NAMES, object)),
    ):
        yield name, {keys("data"): pixels, keys("fine_labels"): labels, keys("fine_label_names"): names, keys("batch_label"): keys("")}


@contextlib.contextmanager
def numpy2():
    """Give numpy's functions the module names of numpy 2."""
    for module, functions in RENAMED.items():
        name = module.replace("numpy.core", "numpy._core")
        sys.modules[name] = sys.modules[module]
        for function in functions:
            function.__module__ = name
    yield
    for module, functions in RENAMED.items():
        del sys.modules[module.replace("numpy.core", "numpy._core")]
        for function in functions:
            function.__module__ = module


def write(folder):
    """Write pickles.json into the folder: a list of names with pickles in base64."""
    pickles = []
    for protocol in range(6):
        for name, data in forms():
            pickles.append((f"protocol {protocol}, {name}", pickle.dumps(data, protocol)))
        with numpy2():
            pickles.append((f"protocol {protocol}, {name}, numpy 2", pickle.dumps(data, protocol)))
    text = json.dumps([{"name": name, "pickle": base64.b64encode(data).decode()} for name, data in pickles], indent=1)
    (folder / "pickles.json").write_text(text + "\n")
