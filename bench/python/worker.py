"""Does what it is asked, one JSON object a line, and says how long it took.

The peers in one process: scikit-learn, and ONNX Runtime with models that
skl2onnx converted. Times are seconds a call, of as many calls as fill the time
asked for, after one that is not counted.
"""

import json
import pathlib
import pickle
import sys
import time

import numpy as np
import sklearn
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

sklearn.set_config(assume_finite=True)


def repeat(call, seconds):
    call()
    calls, begin = 0, time.perf_counter()
    while True:
        call()
        calls += 1
        took = time.perf_counter() - begin
        if took >= seconds:
            return took / calls


def fit(r):
    """Trains a machine and makes rows near it and far from it."""
    rng = np.random.default_rng(r["seed"])
    train = rng.normal(size=(r["train"], r["features"]))
    model = OneClassSVM(nu=r["nu"], gamma="scale").fit(train)
    pathlib.Path(r["model"]).write_bytes(pickle.dumps(model, protocol=4))
    near = rng.normal(size=(r["rows"], r["features"]))
    near.tofile(r["near"])
    (1000 + 10 * near).tofile(r["far"])
    return {"vectors": int(model.support_vectors_.shape[0])}


def rows(r):
    return np.fromfile(r["x"]).reshape(-1, r["features"])


def decide_sklearn(r):
    model = pickle.loads(pathlib.Path(r["model"]).read_bytes())
    x = rows(r)
    seconds = repeat(lambda: model.decision_function(x), r["seconds"])
    decision = model.decision_function(x)
    decision.tofile(r["out"])
    # The sum of the absolute values of a decision's terms, which are all of one sign but for the intercept.
    bound = np.abs(decision - model.intercept_[0]) + abs(model.intercept_[0])
    bound.tofile(r["out"] + ".bound")
    return {"seconds": seconds}


def decide_onnx(r):
    import onnxruntime
    from skl2onnx import to_onnx

    x = rows(r).astype(np.float32)
    model = to_onnx(pickle.loads(pathlib.Path(r["model"]).read_bytes()), x[:1])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    seconds = repeat(lambda: session.run(None, {name: x}), r["seconds"])
    np.asarray(session.run(None, {name: x})[1]).astype(np.float64).ravel().tofile(r["out"])
    return {"seconds": seconds}


def models(r):
    return [p.read_bytes() for p in sorted(pathlib.Path(r["model"]).glob("*/*.pkl"))[: r["models"]]]


def load_pickle(r):
    files = models(r)

    def call():  # none is kept: the collector would walk them
        for f in files:
            pickle.loads(f)

    return {"seconds": repeat(call, r["seconds"]) / len(files)}


def single_sklearn(r):
    """One row for each of many models, which are loaded."""
    loaded = [pickle.loads(f) for f in models(r)]
    x = np.full((1, 1), 0.5)
    seconds = repeat(lambda: [m.decision_function(x) for m in loaded], r["seconds"]) / len(loaded)
    np.array([m.decision_function(x)[0] for m in loaded]).tofile(r["out"])
    return {"seconds": seconds}


def fleet(r):
    """Distinct models of many sensors, and windows of them as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder, rng = pathlib.Path(r["model"]), np.random.default_rng(r["seed"])
    vectors = 0
    for i in range(r["models"]):
        train = rng.normal(20 + i % 60, 1 + i % 7, size=(200, 1))
        model = make_pipeline(StandardScaler(), OneClassSVM(nu=0.25, gamma="scale")).fit(train)
        vectors += model[-1].support_vectors_.shape[0]
        path = folder / f"device-{i // 5}" / f"tag-{i % 5}.pkl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(model, protocol=5))
    sensors = np.arange(r["models"], dtype=np.int32)
    devices = pa.array([f"device-{i}" for i in range((r["models"] + 4) // 5)])
    tags = pa.array([f"tag-{i}" for i in range(5)])
    schema = pa.schema([("ts", pa.timestamp("ms", tz="UTC")), ("device", pa.string()), ("tag", pa.string()), ("value", pa.float64())])
    for name, count in r["files"].items():
        per_batch = max(1, 1_000_000 // r["models"])
        with pq.ParquetWriter(name, schema) as out:
            for begin in range(0, count, per_batch):
                steps = min(per_batch, count - begin)
                at = np.repeat(1_780_000_000_000 + 60_000 * np.arange(begin, begin + steps), r["models"])
                which = np.tile(sensors, steps)
                value = rng.normal(20 + which % 60, 1 + which % 7)
                out.write_table(pa.table([
                    pa.array(at, pa.timestamp("ms", tz="UTC")),
                    pa.DictionaryArray.from_arrays(which // 5, devices).cast(pa.string()),
                    pa.DictionaryArray.from_arrays(which % 5, tags).cast(pa.string()),
                    pa.array(value),
                ], schema=schema))
    return {"vectors": vectors // r["models"]}


def compare(r):
    """How far two files of predictions are apart: rows, the greatest difference of scores, labels that differ."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    key = [("device", "ascending"), ("tag", "ascending"), ("time", "ascending")]
    columns = ["time", "device", "tag", "value", "score", "anomaly"]
    types = pa.schema([("time", pa.timestamp("ms", tz="UTC")), ("device", pa.string()), ("tag", pa.string()),
                       ("value", pa.float64()), ("score", pa.float64()), ("anomaly", pa.int8())])
    a, b = (pq.read_table(f, columns=columns).cast(types).sort_by(key) for f in (r["a"], r["b"]))
    same = a.num_rows == b.num_rows and all(a[c].to_pylist() == b[c].to_pylist() for c in ("device", "tag", "value"))
    scores = np.abs(a["score"].to_numpy() - b["score"].to_numpy()) if same else np.array([np.inf])
    labels = int((a["anomaly"].to_numpy() != b["anomaly"].to_numpy()).sum()) if same else -1
    return {"rows": a.num_rows, "difference": float(scores.max()), "labels": labels}


def versions(_):
    import importlib.metadata as meta

    names = ["scikit-learn", "numpy", "scipy", "onnxruntime", "skl2onnx", "pyarrow", "pandas"]
    return {"versions": f"Python {sys.version.split()[0]}, " + ", ".join(f"{n} {meta.version(n)}" for n in names)}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(globals()[request["op"]](request)), flush=True)
