"""Scores pickled pipelines of any scikit-learn version without scikit-learn.

Classes become stubs that hold attributes; the only functions that a file may
call are those with which numpy puts arrays together. The arithmetic is Python's
doubles, in the order in which libsvm works: the oracle for what is scored.
"""

from __future__ import annotations

import math
import pickle
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np


class Stub:
    """An object of a class that is not imported."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


class Unpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="latin1")  # Python 2's strings hold bytes

    def find_class(self, module: str, name: str) -> Any:
        top, _, rest = module.partition(".")
        if top in ("sklearn", "scipy"):
            return type(name, (Stub,), {})
        known = (rest.removeprefix("_").removeprefix("core."), name)
        if top == "numpy" and known in (("", "ndarray"), ("", "dtype")):
            return getattr(np, name)
        if top == "numpy" and known in (
            ("multiarray", "_reconstruct"),
            ("multiarray", "scalar"),
            ("numeric", "_frombuffer"),
        ):
            return _numpy_core(known[0], name)
        if (module, name) in (("_codecs", "encode"), ("copyreg", "_reconstructor"), ("copy_reg", "_reconstructor")):
            return super().find_class(module, name)
        if module in ("builtins", "__builtin__") and name in ("object", "bytes"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")


def _numpy_core(module: str, name: str) -> Any:
    """A function of numpy's core, wherever this numpy keeps it."""
    core = np.core if np.__version__.startswith("1.") else np._core
    return getattr(getattr(core, module), name)


def load(path: Path) -> list[Stub]:
    """The estimators of a pickle, in order."""
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old dtypes
        return flatten(Unpickler(file).load())


def flatten(model: Any) -> list[Stub]:
    if model is None or model == "passthrough":
        return []
    if type(model).__name__ == "Pipeline":
        return [part for _, step in model.steps for part in flatten(step)]
    return [model]


def predict(steps: Sequence[Stub], rows: Sequence[Sequence[float]]) -> list[int]:
    """1 or -1 for each row, as scikit-learn says; a decision value of exactly 0 is -1."""
    return [1 if value > 0 else -1 for value in decide(steps, rows)]


def decide(steps: Sequence[Stub], rows: Sequence[Sequence[float]]) -> list[float]:
    """The decision value of each row."""
    *scalers, svm = steps
    if type(svm).__name__ != "OneClassSVM":
        raise ValueError(f"{type(svm).__name__} is not a OneClassSVM")
    machine = Machine(svm)
    values = []
    for row in rows:
        for scaler in scalers:
            row = scale(scaler, row)
        values.append(machine.decide(row))
    return values


def scale(scaler: Stub, row: Sequence[float]) -> list[float]:
    row = [float(v) for v in row]
    if scaler.with_mean:
        row = [v - float(m) for v, m in zip(row, scaler.mean_)]
    if scaler.with_std:
        divisors = scaler.std_ if hasattr(scaler, "std_") else scaler.scale_
        row = [v / float(d) for v, d in zip(row, divisors)]
    return row


class Machine:
    """A fitted OneClassSVM."""

    def __init__(self, svm: Stub) -> None:
        self.kernel = svm.kernel
        self.gamma, self.coef0, self.degree = float(svm._gamma), float(svm.coef0), int(svm.degree)
        self.vectors = dense(svm.support_vectors_).tolist()
        self.dual = dense(svm._dual_coef_ if hasattr(svm, "_dual_coef_") else svm.dual_coef_).ravel().tolist()
        self.intercept = float(svm._intercept_[0])

    def decide(self, row: Sequence[float]) -> float:
        total = 0.0
        for coef, vector in zip(self.dual, self.vectors):
            total += coef * self.evaluate(row, vector)
        return total + self.intercept

    def evaluate(self, row: Sequence[float], vector: Sequence[float]) -> float:
        total = 0.0
        if self.kernel == "rbf":
            for a, b in zip(row, vector):
                total += (a - b) * (a - b)
            return math.exp(-self.gamma * total)
        for a, b in zip(row, vector):
            total += a * b
        if self.kernel == "linear":
            return total
        total = self.gamma * total + self.coef0
        if self.kernel == "sigmoid":
            return math.tanh(total)
        if self.kernel == "poly":
            return power(total, self.degree)
        raise ValueError(f"the kernel {self.kernel!r} is not known")


def power(base: float, exponent: int) -> float:
    """By repeated squaring, lowest bit first."""
    result = 1.0
    while exponent > 0:
        if exponent % 2:
            result *= base
        base *= base
        exponent //= 2
    return result


def dense(matrix: Any) -> np.ndarray:
    """An array, or a CSR matrix unfolded."""
    if isinstance(matrix, np.ndarray):
        return matrix.astype(float)
    out = np.zeros(matrix._shape)
    for row in range(len(out)):
        for i in range(matrix.indptr[row], matrix.indptr[row + 1]):
            out[row, matrix.indices[i]] += matrix.data[i]
    return out
