"""Writes numpy.npz and python.safetensors beside this script, as the Python libraries write them.

pip install numpy safetensors; python make_interchange.py
"""
import json
import pathlib
import struct
import numpy as np
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent
grid = np.arange(6, dtype=np.float32).reshape(2, 3) / 4
np.savez_compressed(
    here / "numpy.npz",
    single=grid,
    double=grid.astype(np.float64) - 1,
    half=np.array([1.5, -0.0, 6e-8, 65504, np.inf], dtype=np.float16),
    fortran=np.asfortranarray(np.arange(24, dtype=np.float32).reshape(2, 3, 4)),
    scalar=np.float32(2.5),
    vector=np.array([1, 2], dtype=np.float32),
)
save_file(
    {
        "single": grid,
        "double": grid.astype(np.float64) - 1,
        "half": np.array([1.5, -0.0, 6e-8, 65504, np.inf], dtype=np.float16),
        "scalar": np.array(2.5, dtype=np.float32),
    },
    here / "python.safetensors",
    metadata={"made by": "python"},
)
# BF16 has no numpy type: 1.0, -2.5 and the smallest normal number, written by hand.
header = json.dumps({"b": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}).encode()
(here / "bfloat16.safetensors").write_bytes(
    struct.pack("<Q", len(header)) + header + struct.pack("<3H", 0x3F80, 0xC020, 0x0080)
)
