"""Writes the real pickles that the tests read, and what is in them as JSON.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 joblib==1.6.0 scipy==1.17.1
    venv/bin/python generate.py

Python 2.7 adds what only it can write:

    python2.7 generate.py python2

The files are committed; run this only to add to them. The model is made of stand-ins under the module
names and with the attributes of scikit-learn 0.19, so that scikit-learn need not be installed.
"""
from __future__ import print_function

import collections
import gzip
import json
import os
import pickle
import struct
import sys
import types


def stand_in(module, name, **members):
    """A class that pickles under a name of our choice."""
    parts = module.split(".")
    for i in range(len(parts)):
        sys.modules.setdefault(".".join(parts[: i + 1]), types.ModuleType(".".join(parts[: i + 1])))
    cls = type(name, (members.pop("base", object),), dict(members, __module__=module))
    setattr(sys.modules[module], name, cls)
    return cls


def write(name, data):
    with open(name, "wb") as f:
        f.write(data)


def bits(x):
    return "%016x" % struct.unpack(">Q", struct.pack(">d", x))


def describe(v, path=()):
    """The value as JSON; {"up": n} stands for the container n levels above."""
    for up, outer in enumerate(reversed(path)):
        if outer is v:
            return {"up": up}
    path = path + (v,)

    def items(vs):
        return [describe(x, path) for x in vs]

    def pairs(d):
        return [[describe(k, path), describe(x, path)] for k, x in d.items()]

    if v is None or isinstance(v, bool):
        return v
    if HAVE_NUMPY:
        if isinstance(v, np.bool_):
            return bool(v)
        if isinstance(v, np.integer):
            return {"int": str(int(v))}
        if isinstance(v, np.floating):
            return {"float": bits(float(v))}
        if isinstance(v, np.ndarray):
            # "<U3" but "float64": the byte order of numbers is not part of the name
            name = v.dtype.str if v.dtype.kind in "USV" else v.dtype.name
            out = {"array": name, "shape": list(v.shape)}
            if v.dtype.kind in "biufO" and v.dtype.itemsize <= 8:
                out["values"] = items(v.flat)
            return out
        if isinstance(v, np.dtype):
            return {"dtype": True}
    if isinstance(v, int):
        return {"int": str(v)}
    if isinstance(v, float):
        return {"float": bits(v)}
    if isinstance(v, str):
        return {"str": str(v)}
    if isinstance(v, (bytes, bytearray)):
        return {"bytes": bytes(v).hex()}
    if isinstance(v, list) and type(v) is list:
        return {"list": items(v)}
    if isinstance(v, tuple):
        return {"tuple": items(v)}
    if isinstance(v, (set, frozenset)):
        return {"set": sorted(items(v), key=json.dumps)}
    if type(v) in (dict, collections.OrderedDict, collections.defaultdict):
        return {"dict": pairs(v)}
    if isinstance(v, type):
        return {"class": v.__module__ + "." + v.__name__}
    out = {"object": type(v).__module__ + "." + type(v).__name__}
    if isinstance(v, dict):
        out["entries"] = pairs(v)
    if isinstance(v, list):
        out["items"] = items(v)
    state = v.__reduce_ex__(2)[2]
    if state is not None:
        out["state"] = describe(state, path)
    return out


def python_values():
    Model = stand_in("example.models", "Model")
    Slotted = stand_in("example.models", "Slotted", __slots__=("a", "b"),
                       __getstate__=lambda self: (None, {"a": self.a, "b": self.b}))  # as protocols 2 and up write slots
    Bunch = stand_in("example.models", "Bunch", base=dict)
    Rows = stand_in("example.models", "Rows", base=list)

    model = Model()
    model.name = "m\u00fcnze"
    shared = [1, 2]
    model.first, model.second = shared, shared
    slotted = Slotted()
    slotted.a, slotted.b = 1, (model, None)
    bunch = Bunch(x=1, y="z")
    bunch.note = "kept"
    rows = Rows([1, "two"])

    loop = [1]
    loop.append(loop)
    circle = {"name": "circle"}
    circle["self"] = circle
    knot = ([], 7)
    knot[0].append(knot)
    return {
        "numbers": [0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, -(2**31), 2**31, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 10**40, -(10**40)],
        "floats": [0.0, -0.0, 0.1, -1.5e300, 5e-324, float("inf"), float("-inf"), float("nan")],
        "words": [None, True, False],
        "texts": ["", "plain", "a\\b\n'\"\x00\r\x1a", "\u00e9\u20ac\U0001f600", "x" * 300, "\\u0041"],
        "bytes": [b"", b"abc", bytes(range(256)), b"\xff" * 300, bytearray(b"xy\xff"), bytearray()],
        "nested": ([], {}, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [[[]]], {"a": {"b": [1]}, 2: "two", None: 3.5, (1, 2): "pair"}),
        "sets": [set(), {1}, {1, 2, 3}, frozenset(), frozenset(["a", "b"])],
        "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
        "default": collections.defaultdict(list, k=[1]),
        "classes": [int, str, float, dict, collections.OrderedDict, Model],
        "long": list(range(1100)),
        "model": model,
        "slotted": slotted,
        "bunch": bunch,
        "rows": rows,
        "again": [shared, shared, model],
        "loops": [loop, circle, knot],
    }


def numpy_values():
    objects = np.empty((2, 3), dtype=object)
    objects[:] = [[1, "a", None], [2.5, [1], (2,)]]
    return {
        "f8": np.linspace(-1, 1, 5),
        "matrix": np.arange(6.0).reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "axes": np.arange(24.0).reshape(2, 3, 4).transpose(1, 0, 2),
        "strided": np.arange(12)[::3],
        "big_endian": np.array([1.5, -2.5], dtype=">f8"),
        "big_ints": np.array([1, -2, 2**40], dtype=">i8"),
        "small": [np.array([1, 0, 1], dtype=t) for t in "? b B h H i I l L e f d".split()],
        "unsigned": np.array([2**64 - 1, 1], dtype="u8"),
        "halves": np.array([1.5, 6e-8, 65504, np.inf, -0.0], dtype="f2"),
        "zero_d": np.array(2.5),
        "empty": [np.empty((0,)), np.empty((0, 3)), np.empty((2, 0), dtype="i4")],
        "scalars": [np.float64(0.1), np.float32(0.1), np.int32(-3), np.uint64(2**63 + 5), np.bool_(True), np.bool_(False), np.float16(0.5)],
        "string": np.str_("h\u00e9\u20ac"),
        "objects": objects,
        "objects_fortran": np.asfortranarray(objects),
        "strings": np.array(["ab", "c"]),
        "byte_strings": np.array([b"ab", b"c"]),
        "records": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", ">f8")]),
        "dtype": np.dtype("f4"),
        "type": np.float64,
        "random": np.random.RandomState(0).get_state()[1][:3],
        "sparse": scipy.sparse.csr_matrix([[0.0, 1.0], [2.0, 0.0]]),
    }


def sensor_model():
    """What the pickle of a small anomaly detector looks like."""
    Pipeline = stand_in("sklearn.pipeline", "Pipeline")
    Scaler = stand_in("sklearn.preprocessing.data", "StandardScaler")
    SVM = stand_in("sklearn.svm.classes", "OneClassSVM")
    np._core.multiarray._reconstruct.__module__ = "numpy.core.multiarray"  # as numpy 1 has it
    scaler, svm, pipeline = Scaler(), SVM(), Pipeline()
    scaler.__dict__.update(
        with_mean=True, with_std=True, copy=True, mean_=np.array([12.378]), n_samples_seen_=299,
        var_=np.array([1.873]), scale_=np.array([1.3688]), _sklearn_version="0.19.2")
    svm.__dict__.update(
        _impl="one_class", kernel="rbf", degree=3, gamma=0.01, coef0=0.0, tol=0.001, C=0.0, nu=0.0001, epsilon=0.0,
        shrinking=True, probability=False, cache_size=200, class_weight=None, verbose=False, max_iter=-1,
        random_state=None, _sparse=False, class_weight_=np.array([]), _gamma=0.01,
        support_=np.array([17], dtype="i4"), support_vectors_=np.array([[0.4375]]), n_support_=np.array([0, 1], dtype="i4"),
        dual_coef_=np.array([[1.0]]), intercept_=np.array([-0.25]), probA_=np.array([]), probB_=np.array([]), fit_status_=0,
        shape_fit_=(299, 1), _dual_coef_=np.array([[1.0]]), _intercept_=np.array([-0.25]), _sklearn_version="0.19.2")
    pipeline.__dict__.update(steps=[("scaler", scaler), ("classifier", svm)], _sklearn_version="0.19.2", memory=None)
    return pipeline


def python2():
    values = {
        "text": u"h\xe9\\\n", "bytes": "x\xff\n'\\", "word": "plain", "list": [1, 2**40, True, 1.5, None], "long": 10**30,
        "ordered": collections.OrderedDict([("b", 1), ("a", 2)]), "set": set([1]), "bytearray": bytearray("x\xff"),
    }
    for protocol in 0, 1, 2:
        write("python2-%d.pickle" % protocol, pickle.dumps(values, protocol))


def main():
    import joblib

    for name, values in ("python", python_values()), ("numpy", numpy_values()):
        with open(name + ".json", "w") as f:
            json.dump(describe(values), f, separators=(",", ":"))
            f.write("\n")
        for protocol in range(6):
            write("%s-%d.pickle" % (name, protocol), pickle.dumps(values, protocol))
    for protocol in range(6):
        joblib.dump(values, "numpy-%d.joblib" % protocol, protocol=protocol)
    for compression, ending in ("zlib", "z"), ("gzip", "gz"), ("bz2", "bz2"):
        joblib.dump(values, "numpy.joblib." + ending, compress=(compression, 9))
    for compression, ending in ("xz", "xz"), ("lzma", "lzma"):
        joblib.dump([1], "refused.joblib." + ending, compress=(compression, 3))
    write("python-4.pickle.gz", gzip.compress(pickle.dumps(python_values(), 4), 9, mtime=0))
    write("model.pickle", pickle.dumps(sensor_model(), 3))


HAVE_NUMPY = sys.version_info[0] > 2
if HAVE_NUMPY:
    import numpy as np
    import scipy.sparse

if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        # The order of a set of strings, and so its pickle, depends on it.
        os.execve(sys.executable, [sys.executable] + sys.argv, dict(os.environ, PYTHONHASHSEED="0"))
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    python2() if "python2" in sys.argv else main()
