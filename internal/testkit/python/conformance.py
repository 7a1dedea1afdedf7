#!/usr/bin/env python3
"""Writes random models and what scikit-learn answers for random rows.

    conformance.py --out DIR [--models 1000] [--rows 64] [--seed 1]

DIR/manifest.json lists the models: {format, python, sklearn, numpy, scipy, joblib,
seed, models: [{model, expected, kernel, features, rows, support_vectors, protocol,
container, compression, sparse, steps, replaced, unstable}]}; model and expected are paths
below DIR. An expected file is little-endian:

    8 bytes           the text "FSCONF1\\n"
    uint32            rows R
    uint32            features F
    R * F * float64   the rows, one after the other
    R * float64       decision_function
    R * float64       bound: sum |coef_i K(x, sv_i)| + |intercept|, computed by numpy
    R * int8          predict: 1 or -1

A row whose decision value overflows is replaced by an earlier one, and so is one
for which rounding alone may cost more than the tolerance, scikit-learn's or anyone's:
where an inner product all but cancels, its value depends on the order of adding, which
differs from BLAS to BLAS and from processor to processor. The counts replaced and unstable tell how many. The same seed in the same environment
gives the same numbers.
"""

from __future__ import annotations

import argparse
import json
import pickle
import platform
import struct
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import scipy
import sklearn
from scipy import sparse
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM
from threadpoolctl import threadpool_limits

MAGIC = b"FSCONF1\n"
TOLERANCE = 1e-12  # of the bound
WIDTHS = [1] * 8 + [2] * 5 + [3, 4, 5] * 2 + [7, 10, 17, 40]
COMPRESSIONS = {"": "joblib", "zlib": "joblib.z", "gzip": "joblib.gz", "bz2": "joblib.bz2"}
# scikit-learn takes sparse arrays since 1.4.
OLD = tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 4)
SPARSE = [sparse.csr_matrix] if OLD else [sparse.csr_matrix, sparse.csr_array]


class Training:
    """Rows to fit on, drawn from a few clusters."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.width = int(rng.choice(WIDTHS))
        n = int(rng.integers(5, 301))
        self.sigma = 10.0 ** rng.uniform(-3, 5, self.width) if rng.random() < 0.3 else np.ones(self.width)
        self.center = rng.choice([0.0, 1.0, 100.0, 1e6]) * rng.uniform(-1, 1, self.width)
        clusters = rng.normal(0, 3, (int(rng.integers(1, 4)), self.width))
        x = clusters[rng.integers(0, len(clusters), n)] + rng.normal(0, 1, (n, self.width))
        self.x = self.center + self.sigma * x
        kind = rng.random()
        if kind < 0.1:
            self.x[:, 0] = self.center[0]  # a column that never changes
        elif kind < 0.25:
            self.x = np.round(self.x, int(rng.integers(0, 3)))

    def sparsify(self, rng: np.random.Generator) -> Any:
        self.x[rng.random(self.x.shape) < 0.5] = 0.0
        return SPARSE[rng.integers(0, len(SPARSE))](self.x)

    def frame(self) -> pd.DataFrame:
        """With named columns, whose names the estimators keep."""
        return pd.DataFrame(self.x, columns=[f"x{i} µ" for i in range(self.width)])


def make_svm(rng: np.random.Generator, t: Training) -> OneClassSVM:
    kernel = str(rng.choice(["rbf", "rbf", "linear", "poly", "sigmoid"]))
    gamma: Any = ["scale", "auto", float(10.0 ** rng.uniform(-6, 3)), np.float64(rng.uniform(0.01, 2))][
        rng.integers(0, 4)
    ]
    return OneClassSVM(
        kernel=kernel,
        gamma=gamma,
        degree=int(rng.integers(1, 7)),
        coef0=float(rng.choice([0.0, rng.uniform(-2, 2)])),
        nu=float(10.0 ** rng.uniform(-3, np.log10(0.9))),
        shrinking=bool(rng.random() < 0.5),
        max_iter=2000,
    )


def make_steps(rng: np.random.Generator, svm: OneClassSVM, is_sparse: bool) -> Any:
    """The detector alone or at the end of one of several kinds of pipelines."""

    def scaler() -> StandardScaler:
        return StandardScaler(with_mean=not is_sparse and rng.random() < 0.8, with_std=bool(rng.random() < 0.8))

    kind = rng.integers(0, 8)
    if kind == 0:
        return svm
    if kind == 1:
        return Pipeline([("nothing", "passthrough"), ("scaler", scaler()), ("none", None), ("svm", svm)])
    if kind == 2:
        inner = Pipeline([("a", scaler()), ("b", Pipeline([("c", scaler()), ("d", "passthrough")]))])
        return Pipeline([("prepare", inner), ("svm", svm)])
    if kind == 3:
        return Pipeline([("first", scaler()), ("again", scaler()), ("detector", Pipeline([("svm", svm)]))])
    return Pipeline([("scaler", scaler()), ("classifier", svm)])


def fit(rng: np.random.Generator) -> tuple[Any, OneClassSVM, Training, bool]:
    """Draws until scikit-learn accepts: it refuses what does not converge to finite numbers."""
    while True:
        t = Training(rng)
        is_sparse = bool(rng.random() < 0.2)
        x = t.sparsify(rng) if is_sparse else t.frame() if rng.random() < 0.2 else t.x
        svm = make_svm(rng, t)
        model = make_steps(rng, svm, is_sparse)
        if not is_sparse and isinstance(model, Pipeline) and rng.random() < 0.1:
            model.set_output(transform="pandas")
        try:
            model.fit(x)
        except ValueError:
            continue
        if np.isfinite(svm._intercept_).all() and len(svm.support_) > 0:
            return model, svm, t, is_sparse


def make_rows(rng: np.random.Generator, t: Training, svm: OneClassSVM, rows: int) -> np.ndarray:
    """Rows near the data, at support vectors, far out, of mixed magnitudes, and odd ones."""
    signs = rng.choice([-1.0, 1.0], (rows, t.width))
    x = t.x[rng.integers(0, len(t.x), rows)] + t.sigma * rng.normal(0, 1, (rows, t.width))
    kind = rng.random(rows)
    at_vector = kind < 0.2
    x[at_vector] = t.x[rng.choice(svm.support_, int(at_vector.sum()))]
    far = (kind >= 0.2) & (kind < 0.35)
    x[far] = (t.center + t.sigma * signs * 10.0 ** rng.uniform(3, 12, (rows, 1)))[far]
    mixed = (kind >= 0.35) & (kind < 0.45)
    x[mixed] = (signs * 10.0 ** rng.uniform(-12, 12, (rows, t.width)))[mixed]
    odd = (kind >= 0.45) & (kind < 0.5)
    x[odd] = rng.choice([0.0, -0.0, 1.0, 5e-324, 1e-300, 1e300], (rows, t.width))[odd]
    return np.ascontiguousarray(x)


def add_boundary(model: Any, x: np.ndarray) -> None:
    """Moves some rows to where the decision value is as near 0 as bisection gets."""
    values = model.decision_function(x).ravel()
    inside, outside = np.flatnonzero(values > 0), np.flatnonzero(np.isfinite(values) & (values <= 0))
    n = min(len(inside), len(outside), 4)
    low, high = x[outside[:n]], x[inside[:n]]
    if n == 0:
        return
    for _ in range(60):
        middle = low / 2 + high / 2
        positive = model.decision_function(middle).ravel() > 0
        high = np.where(positive[:, None], middle, high)
        low = np.where(positive[:, None], low, middle)
    x[outside[:n]], x[inside[:n]] = low, high


def features_of(model: Any, x: np.ndarray) -> np.ndarray:
    """x after all steps but the detector."""
    if not isinstance(model, Pipeline):
        return x
    for _, step in model.steps[:-1]:
        if step is not None and step != "passthrough":
            x = np.asarray(step.transform(x))
    return features_of(model.steps[-1][1], x)


def terms(svm: OneClassSVM, x: np.ndarray, off: float = 0.0) -> np.ndarray:
    """coef_i K(x, sv_i) in the precision of x, a row for each row of x.

    Inner products are off by so many times what rounding to doubles, in the worst
    order of adding, may cost.
    """
    vectors, dual = svm.support_vectors_, svm._dual_coef_
    if sparse.issparse(vectors):
        vectors, dual = vectors.toarray(), dual.toarray()
    vectors, dual = vectors.astype(x.dtype), dual.astype(x.dtype)
    if svm.kernel == "rbf":
        k = np.exp(-svm._gamma * ((x[:, None, :] - vectors[None, :, :]) ** 2).sum(axis=2))
    else:
        k = np.einsum("rf,vf->rv", x, vectors)
        if off:
            k += off * x.shape[1] * np.finfo(float).eps * np.einsum("rf,vf->rv", np.abs(x), np.abs(vectors))
        if svm.kernel == "poly":
            k = (svm._gamma * k + svm.coef0) ** svm.degree
        elif svm.kernel == "sigmoid":
            k = np.tanh(svm._gamma * k + svm.coef0)
    return k * dual.ravel()


def answers(model: Any, svm: OneClassSVM, x: np.ndarray) -> tuple[bytes, int, int]:
    """The expected file, how many rows had to be replaced, and how many of them as unstable."""
    decision = np.asarray(model.decision_function(x), dtype=float).ravel()
    features = features_of(model, x)
    intercept = svm._intercept_[0]
    bound = np.abs(terms(svm, features)).sum(axis=1) + abs(intercept)
    exact = terms(svm, features.astype(np.longdouble)).sum(axis=1) + intercept
    finite = np.isfinite(decision) & np.isfinite(bound)
    wide = features.astype(np.longdouble)
    spread = np.abs(terms(svm, wide, 1.0) - terms(svm, wide, -1.0)).sum(axis=1)
    stable = (np.abs(decision - exact) <= TOLERANCE / 2 * bound) & (spread <= TOLERANCE * bound)
    good = np.flatnonzero(finite & stable)
    keep = np.arange(len(x))
    keep[~np.isin(keep, good)] = good[0]
    x, decision, bound = x[keep], decision[keep], bound[keep]
    label = np.asarray(model.predict(x))
    header = MAGIC + struct.pack("<II", *x.shape)
    parts = [x.astype("<f8"), decision.astype("<f8"), bound.astype("<f8"), label.astype("i1")]
    return header + b"".join(part.tobytes() for part in parts), len(x) - len(good), int((finite & ~stable).sum())


def save(rng: np.random.Generator, model: Any, stem: Path) -> dict[str, Any]:
    """Writes the model in one of the ways that people do."""
    if rng.random() < 0.6:
        protocol = int(rng.integers(0, 6))
        path = stem.with_suffix(".pkl")
        path.write_bytes(pickle.dumps(model, protocol))
        return {"model": path.name, "container": "pickle", "compression": "", "protocol": protocol}
    compression = str(rng.choice(list(COMPRESSIONS)))
    protocol = int(rng.integers(2, 6))
    path = stem.with_suffix("." + COMPRESSIONS[compression])
    level = int(rng.integers(1, 10))
    joblib.dump(model, path, compress=(compression, level) if compression else 0, protocol=protocol)
    return {"model": path.name, "container": "joblib", "compression": compression, "protocol": protocol}


def write_model(rng: np.random.Generator, folder: Path, number: int, rows: int) -> dict[str, Any]:
    model, svm, t, is_sparse = fit(rng)
    x = make_rows(rng, t, svm, rows)
    if number % 10 == 0:
        add_boundary(model, x)
    x[0] = t.x[0]  # a row that does not overflow
    expected, replaced, unstable = answers(model, svm, x)
    stem = folder / f"{number:05d}"
    stem.with_suffix(".expected").write_bytes(expected)
    return {
        **save(rng, model, stem),
        "expected": stem.with_suffix(".expected").name,
        "kernel": svm.kernel,
        "features": t.width,
        "rows": rows,
        "support_vectors": len(svm.support_),
        "sparse": is_sparse,
        "steps": [type(step).__name__ for _, step in getattr(model, "steps", [("", model)])],
        "replaced": replaced,
        "unstable": unstable,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Random models and scikit-learn's answers.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), np.errstate(all="ignore"), threadpool_limits(1):
        warnings.simplefilter("ignore")
        models = [
            write_model(np.random.default_rng([args.seed, i]), args.out, i, args.rows) for i in range(args.models)
        ]
    manifest = {
        "format": 1,
        "python": platform.python_version(),
        "sklearn": sklearn.__version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "joblib": joblib.__version__,
        "seed": args.seed,
        "models": models,
    }
    (args.out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
