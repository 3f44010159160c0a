"""Writes testdata/golden/arrays.npz: a small data set as numpy.savez_compressed stores it.

    /usr/bin/python3 testdata/gen/arrays.py
"""

import pathlib

import numpy

rows, size = 5, (4, 6, 3)
images = (numpy.arange(rows * 72).reshape(rows, *size) * 7 % 251).astype("uint8")
numpy.savez_compressed(
    pathlib.Path(__file__).parent.parent / "golden" / "arrays.npz",
    x_train=images[:3],
    y_train=numpy.array([[1], [0], [1]]),  # int64
    x_test=numpy.asfortranarray(images[3:]),
    y_test=numpy.array([0, 1], ">u2"),
    class_names=numpy.array(["Apfel", "Käfer"]),
)
