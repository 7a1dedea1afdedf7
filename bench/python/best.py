"""The whole job as well as Python does it: every sensor's rows of a Parquet file,
each with its own model, to a Parquet file.

    best.py MODELS DATA OUT

A process for each core, forked when all is imported and the rows are sorted, so
that nothing is copied to them; a model is loaded once and asked once; columns
stay numpy and Arrow arrays from end to end. Scaling by numpy in place of the
Pipeline saves half of scikit-learn's checks.
"""

import gc
import multiprocessing as mp
import os
import pickle
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sklearn
import sklearn.pipeline
import sklearn.preprocessing
import sklearn.svm

sklearn.set_config(assume_finite=True)
gc.disable()
models, data, out = sys.argv[1:]

table = pq.read_table(data, columns=["ts", "device", "tag", "value"], read_dictionary=["device", "tag"]).combine_chunks()
device, tag = (c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for c in (table["device"].unify_dictionaries(), table["tag"].unify_dictionaries()))
devices, tags = device.dictionary.to_pylist(), tag.dictionary.to_pylist()
code = device.indices.to_numpy().astype(np.int64) * len(tags) + tag.indices.to_numpy()
order = np.argsort(code, kind="stable")
code, value = code[order], table["value"].to_numpy()[order]
begins = np.flatnonzero(np.diff(code, prepend=-1))
ends = np.append(begins[1:], len(code))


def score(part):
    scores = np.empty(ends[part[-1]] - begins[part[0]])
    base = begins[part[0]]
    for i in part:
        d, t = divmod(code[begins[i]], len(tags))
        with open(f"{models}/{devices[d]}/{tags[t]}.pkl", "rb") as f:
            scaler, svm = (step for _, step in pickle.load(f).steps)
        x = (value[begins[i] : ends[i], None] - scaler.mean_) / scaler.scale_
        scores[begins[i] - base : ends[i] - base] = svm.decision_function(x)
    return scores


parts = np.array_split(np.arange(len(begins)), 2 * os.cpu_count())
with mp.get_context("fork").Pool(os.cpu_count()) as pool:
    scores = np.concatenate(pool.map(score, parts, chunksize=1))
os.makedirs(os.path.dirname(out), exist_ok=True)
indices = pa.array(order)
pq.write_table(
    pa.table({
        "time": table["ts"].take(indices),
        "device": pc.take(device, indices),
        "tag": pc.take(tag, indices),
        "value": value,
        "score": scores,
        "anomaly": (scores <= 0).astype(np.int8),
    }),
    out,
)
