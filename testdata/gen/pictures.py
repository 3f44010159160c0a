"""Writes the pictures that nn/internal/raster is held to: one picture in several formats, and its
middle resized by PIL.

    /usr/bin/python3 testdata/gen/pictures.py nn/internal/raster/testdata
"""

import sys

import numpy
from PIL import Image

folder = sys.argv[1]
width, height = 61, 40
y, x = numpy.mgrid[:height, :width]
random = numpy.random.default_rng(19)
waves = [128 + 90 * numpy.sin(x / 5 + k) * numpy.cos(y / (3 + k)) for k in range(3)]
pixels = numpy.stack(waves, -1) + random.integers(-25, 26, (height, width, 3))
pixels[8:14, 20:44] = (250, 10, 60)
picture = Image.fromarray(pixels.clip(0, 255).astype("uint8"))
picture.save(f"{folder}/photo.png")
picture.save(f"{folder}/photo.bmp")
picture.save(f"{folder}/photo.webp", lossless=True)
picture.save(f"{folder}/lossy.webp", quality=90)
left = (width - height) // 2
middle = picture.crop((left, 0, left + height, height))
for side in (16, 32, 40, 64):
    middle.resize((side, side), Image.BICUBIC).save(f"{folder}/photo_{side}.png")
