"""Makes build/femnist520.npz for the jobs beside it: pictures, classes and writers of 520 people's handwriting.

    python3 simulations/experiments/reddi-2021/femnist520.py FOLDER

FOLDER holds femnist520-images-idx3-ubyte.gz, femnist520-labels-idx1-ubyte.gz and femnist520-writers.csv
(writer,first_index,count). Needs nothing but Python 3; run it in the root of the repository. Pixels stay bytes, 0 to 255; the jobs scale them.
"""

import csv
import gzip
import pathlib
import struct
import sys
import zipfile


def npy(kind, shape, data):
    """An array in NumPy's format 1.0; kind as NumPy writes it, such as |u1."""
    head = "{'descr': '%s', 'fortran_order': False, 'shape': %r, }" % (kind, shape)
    head = head.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + data


def idx(file, dimensions):
    """Shape and bytes of an IDX file of bytes."""
    raw = gzip.open(file).read()
    if raw[:4] != bytes([0, 0, 8, dimensions]):
        sys.exit(f"{file} is no IDX file of bytes with {dimensions} dimensions")
    start = 4 + 4 * dimensions
    return struct.unpack(f">{dimensions}I", raw[4:start]), raw[start:]


folder = pathlib.Path(sys.argv[1])
shape, pictures = idx(folder / "femnist520-images-idx3-ubyte.gz", 3)
(count,), labels = idx(folder / "femnist520-labels-idx1-ubyte.gz", 1)
writers = bytearray()
with open(folder / "femnist520-writers.csv", newline="") as table:
    for number, row in enumerate(csv.DictReader(table)):
        assert int(row["first_index"]) * 2 == len(writers), row
        writers += struct.pack("<H", number) * int(row["count"])
assert len(pictures) == shape[0] * shape[1] * shape[2] and shape[0] == count == len(writers) // 2
out = pathlib.Path("build/femnist520.npz")
out.parent.mkdir(exist_ok=True)
with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("x.npy", npy("|u1", (*shape, 1), pictures))
    archive.writestr("y.npy", npy("|u1", (count,), labels))
    archive.writestr("writer.npy", npy("<u2", (count,), bytes(writers)))
print(f"{out}: {count} pictures of {number + 1} writers")
