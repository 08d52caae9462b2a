"""src/io against NumPy: what NumPy writes we read, what we write NumPy reads, and what we refuse we name.

Usage: test_numpy.py NPZ_TOOL. Needs NumPy; see numpy.sh.
"""

import io
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

import numpy as np

TOOL = os.path.abspath(sys.argv[1])


def run(*arguments):
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=False)


def sample():
    rng = np.random.default_rng(0)
    arrays = {
        "observations": rng.normal(size=(7, 3)),
        "actions": rng.normal(size=(7, 2)).astype(np.float32),
        "rewards": rng.normal(size=7),
        "terminals": np.array([0, 0, 0, 1, 0, 0, 1], dtype=bool),
        "infos/qpos": rng.normal(size=(7, 1, 2)),
        "empty": np.zeros((0, 4)),
        "scalar": np.float64(0.1),
        "deep": np.arange(24.0).reshape(2, 1, 3, 2, 2),
        "extremes": np.array([5e-324, 1.7976931348623157e308, -0.0, 2.0**-44]),
        "metadata": np.array('{"task": "hopper", "note": "caf\u00e9 \U0001f600"}'),
        "no_text": np.array(""),
        "bytes": np.frombuffer(b'{"a": 1}', dtype=np.uint8),
    }
    for kind in "iu":
        for size in (1, 2, 4, 8):
            limits = np.iinfo(f"{kind}{size}")
            arrays[f"{kind}{size}"] = np.array([limits.min, limits.max, 1], dtype=f"{kind}{size}")
    return arrays


def streamed_archive(arrays, method=zipfile.ZIP_DEFLATED):
    """An archive written to a pipe: sizes and CRCs follow the data (data descriptors)."""

    class Pipe(io.RawIOBase):
        def __init__(self):
            super().__init__()
            self.bytes = bytearray()

        def writable(self):
            return True

        def write(self, data):
            self.bytes += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", method) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array)
            archive.writestr(name + ".npy", buffer.getvalue())
    return bytes(pipe.bytes)


class NumPyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lb-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def check_read(self, path, arrays):
        """The dump of a file says what NumPy has."""
        result = run("dump", path)
        self.assertEqual(result.returncode, 0, result.stderr)
        found = json.loads(result.stdout)
        self.assertEqual(list(found), list(arrays))
        for name, array in arrays.items():
            array = np.asarray(array)
            self.assertEqual(found[name]["shape"], list(array.shape), name)
            if array.dtype.kind == "U":
                self.assertEqual(found[name]["text"], str(array), name)
                continue
            self.assertEqual(found[name]["dtype"], array.dtype.name, name)
            values = np.array(found[name]["values"], dtype=array.dtype).reshape(array.shape)
            self.assertEqual(values.tobytes(), array.tobytes(), name)

    def check_refused(self, words, *arguments):
        result = run(*arguments)
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn(words, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)

    def test_savez(self):
        np.savez(self.path("a.npz"), **sample())
        self.check_read(self.path("a.npz"), sample())

    def test_savez_compressed(self):
        np.savez_compressed(self.path("a.npz"), **sample())
        self.check_read(self.path("a.npz"), sample())

    def test_all_npy_versions(self):
        for version in ((1, 0), (2, 0), (3, 0)):
            with zipfile.ZipFile(self.path("a.npz"), "w") as archive:
                for name, array in sample().items():
                    with archive.open(name + ".npy", "w") as file:
                        np.lib.format.write_array(file, np.asarray(array), version)
            self.check_read(self.path("a.npz"), sample())

    def test_zip64_fields_and_data_descriptors(self):
        with zipfile.ZipFile(self.path("a.npz"), "w", zipfile.ZIP_DEFLATED) as archive:
            for name, array in sample().items():
                with archive.open(name + ".npy", "w", force_zip64=True) as file:
                    np.save(file, array)
        self.check_read(self.path("a.npz"), sample())
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self.check_read(self.write("b.npz", streamed_archive(sample(), method)), sample())

    def test_archive_comment(self):
        np.savez(self.path("a.npz"), **sample())
        with zipfile.ZipFile(self.path("a.npz"), "a") as archive:
            archive.comment = b"a comment with PK\x05\x06 in it"
        self.check_read(self.path("a.npz"), sample())

    def test_numpy_reads_what_we_write(self):
        np.savez(self.path("a.npz"), **sample())
        for how in ("stored", "deflate"):
            result = run("copy", self.path("a.npz"), self.path("b.npz"), how)
            self.assertEqual(result.returncode, 0, result.stderr)
            with np.load(self.path("b.npz"), allow_pickle=False) as found:
                self.assertEqual(found.files, list(sample()))
                for name, array in sample().items():
                    array = np.asarray(array)
                    self.assertEqual(found[name].shape, array.shape)
                    if array.dtype.kind == "U":
                        self.assertEqual(str(found[name]), str(array))
                    else:
                        self.assertEqual(found[name].dtype, array.dtype)
                        self.assertEqual(found[name].tobytes(), array.tobytes())
            with zipfile.ZipFile(self.path("b.npz")) as archive:
                self.assertIsNone(archive.testzip())
                kinds = {entry.compress_type for entry in archive.infolist()}
                self.assertEqual(kinds, {zipfile.ZIP_STORED if how == "stored" else zipfile.ZIP_DEFLATED})
                self.assertEqual({entry.date_time for entry in archive.infolist()}, {(1980, 1, 1, 0, 0, 0)})

    def test_damaged_archives_of_numpy(self):
        small = {"a": np.array([1.0, -2.5]), "t": np.array("x\u00e9"), "b": np.array([True, False])}
        np.savez(self.path("a.npz"), **small)
        np.savez_compressed(self.path("b.npz"), **small)
        self.write("c.npz", streamed_archive(small))
        for name in ("a.npz", "b.npz", "c.npz"):
            result = run("damage", self.path(name))
            self.assertEqual(result.returncode, 0, result.stderr)

    def test_refused_arrays(self):
        cases = [
            (np.arange(3, dtype=">f8"), "is big-endian (dtype '>f8')"),
            (np.array([1, "a", None], dtype=object), "holds Python objects"),
            (np.zeros(2, dtype=[("x", "f8"), ("y", "i4")]), "has a structured dtype"),
            (np.zeros(2, dtype=complex), "has dtype '<c16'"),
            (np.zeros(2, dtype=np.float16), "has dtype '<f2'"),
            (np.array([b"abc"]), "has dtype '|S3'"),
            (np.array(["a", "b"]), "is an array of strings"),
            (np.asfortranarray(np.ones((2, 3))), "is in Fortran order"),
            (np.zeros((1,) * 6), "has more than 5 dimensions"),
            (np.array("2020-01-01", dtype="datetime64[D]"), "has dtype '<M8[D]'"),
        ]
        for array, words in cases:
            np.savez(self.path("a.npz"), good=np.ones(2), bad=array)
            self.check_refused(f"a.npz: entry 'bad.npy': {words}", "dump", self.path("a.npz"))

    def test_refused_files(self):
        np.save(self.path("a.npy"), np.ones(3))
        self.check_refused("is a single .npy array", "dump", self.path("a.npy"))
        for method, name in ((zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "lzma")):
            buffer = io.BytesIO()
            np.save(buffer, np.ones(3))
            with zipfile.ZipFile(self.path(name), "w", method) as archive:
                archive.writestr("a.npy", buffer.getvalue())
            self.check_refused("uses another compression", "dump", self.path(name))
        with zipfile.ZipFile(self.path("b.npz"), "w") as archive:
            archive.writestr("notes.txt", "hello")
        self.check_refused("entry 'notes.txt': is not a .npy array", "dump", self.path("b.npz"))

    def test_safetensors(self):
        arrays = {name: array for name, array in sample().items() if np.asarray(array).dtype.name in
                  ("float32", "float64", "int64")}
        np.savez(self.path("a.npz"), **arrays)
        result = run("tensors", self.path("a.npz"), self.path("a.safetensors"))
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(self.path("a.safetensors"), "rb") as file:
            data = file.read()
        (length,) = struct.unpack("<Q", data[:8])
        self.assertEqual(length % 8, 0)
        header = json.loads(data[8 : 8 + length])
        metadata = header.pop("__metadata__")
        self.assertEqual(json.loads(metadata["lazybench"]), {"from": "numpy"})
        self.assertEqual(list(header), list(arrays))
        names = {"F32": np.float32, "F64": np.float64, "I64": np.int64}
        for name, array in arrays.items():
            begin, end = header[name]["data_offsets"]
            found = np.frombuffer(data[8 + length + begin : 8 + length + end], names[header[name]["dtype"]])
            self.assertEqual(header[name]["shape"], list(np.shape(array)))
            self.assertEqual(found.dtype, np.asarray(array).dtype)
            self.assertEqual(found.tobytes(), np.asarray(array).tobytes())

    def test_shortest_numbers(self):
        """As short as Python's repr, which is the shortest there is."""
        rng = np.random.default_rng(1)
        values = np.concatenate([
            np.frombuffer(rng.bytes(8 * 50000), dtype=np.float64),
            rng.normal(size=20000),
            np.round(rng.normal(size=20000), 3),
            np.ldexp(1.0, np.arange(-1074, 1024)),
            np.arange(0, 1e6, 7919),
            np.frombuffer(np.arange(1, 2000, dtype=np.int64).tobytes(), dtype=np.float64),  # subnormal
        ])
        values = values[np.isfinite(values)]
        np.savez(self.path("a.npz"), values=values)
        result = run("numbers", self.path("a.npz"))
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = result.stdout.split()
        self.assertEqual(len(lines), len(values))

        def digits(text):
            mantissa = text.lower().split("e")[0].replace(".", "").replace("-", "")
            return len(mantissa.lstrip("0").rstrip("0"))

        for value, text in zip(values.tolist(), lines):
            self.assertEqual(math.copysign(1, float(text)), math.copysign(1, value))
            self.assertEqual(float(text), value, text)
            self.assertEqual(digits(text), digits(repr(value)), text)
            self.assertEqual(json.loads(text), value)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
