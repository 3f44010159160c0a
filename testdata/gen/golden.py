"""Write all golden vectors: python3 golden.py [FOLDER], by default ../golden."""

import pathlib
import sys

import torch

import operations
import pickles
import statedicts
import training

torch.set_num_threads(1)  # one order of every sum, so that the files are the same each time
folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "golden"
folder.mkdir(parents=True, exist_ok=True)
operations.write(folder)
pickles.write(folder)
statedicts.write(folder)
training.write(folder)
