"""Estimators with the modules and attributes that they had in each version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .oracle import Machine, Scaler
from .pickler import Array, Dialect, Global, Instance, Scalar

SAMPLES = 250  # how many rows a model claims to have been fitted on


@dataclass(frozen=True)
class Era:
    """scikit-learn at one version, as it was commonly installed."""

    version: str
    private: bool  # modules are sklearn.svm._classes and so on
    csr: str = "scipy.sparse.csr"
    dialect: Dialect = field(default_factory=Dialect)

    @property
    def number(self) -> tuple[int, int]:
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)

    def stamped(self, state: dict[str, Any]) -> dict[str, Any]:
        """From 0.18 on, an estimator says which version wrote it."""
        if self.number >= (0, 18):
            state["_sklearn_version"] = self.version
        return state


def vector(values: Sequence[float], endian: str = "<") -> Array:
    return Array(endian + "f8", (len(values),), values)


def matrix(rows: Sequence[Sequence[float]], endian: str = "<", order: str = "C") -> Array:
    return Array(endian + "f8", (len(rows), len(rows[0])), [v for row in rows for v in row], order)


def csr(era: Era, rows: Sequence[Sequence[float]], index: str = "<i4") -> Instance:
    data, indices, indptr = [], [], [0]
    for row in rows:
        for column, v in enumerate(row):
            if v != 0:
                data.append(v)
                indices.append(column)
        indptr.append(len(data))
    state = {
        "_shape": (len(rows), len(rows[0])),
        "maxprint": 50,
        "indices": Array(index, (len(indices),), indices),
        "indptr": Array(index, (len(indptr),), indptr),
        "data": vector(data),
    }
    return Instance(Global(era.csr, "csr_matrix"), state)


def standard_scaler(era: Era, s: Scaler, endian: str = "<") -> Instance:
    state: dict[str, Any] = {"with_mean": s.with_mean, "with_std": s.with_std, "copy": True}
    if era.number >= (0, 24):
        state["n_features_in_"] = len(s.mean)
    keeps_mean = s.with_mean or (era.number >= (0, 17) and (s.with_std or era.number < (0, 20)))
    mean = vector(s.mean, endian) if keeps_mean else None
    scale = vector(s.scale, endian) if s.with_std else None
    if era.number < (0, 17):
        state |= {"mean_": mean, "std_": scale}
    else:
        variance = vector([v * v for v in s.scale], endian) if s.with_std else None
        seen = {"n_samples_seen_": _samples_seen(era, s)}
        first = {"mean_": mean} | seen if era.number < (0, 20) else seen | {"mean_": mean}
        state |= first | {"var_": variance, "scale_": scale}
    module = "sklearn.preprocessing." + ("_data" if era.private else "data")
    return Instance(Global(module, "StandardScaler"), era.stamped(state))


def _samples_seen(era: Era, s: Scaler) -> Any:
    if era.number < (0, 20):
        return SAMPLES
    real = era.number >= (1, 9) and (s.with_mean or s.with_std)
    return Scalar("<f8" if real else "<i8", SAMPLES)


def one_class_svm(
    era: Era, m: Machine, gamma: Any, sparse: bool = False, endian: str = "<", order: str = "C"
) -> Instance:
    """gamma: the parameter as the user gave it ('auto', 'scale' or a number)."""
    n, number = len(m.vectors), era.number
    state: dict[str, Any] = {"_impl": "one_class"} if number < (0, 20) else {}
    state |= {"kernel": m.kernel, "degree": m.degree, "gamma": gamma, "coef0": m.coef0, "tol": 0.001, "C": 0.0}
    state |= {"nu": 0.0001, "epsilon": 0.0, "shrinking": True, "probability": False, "cache_size": 200}
    state |= {"class_weight": None, "verbose": False, "max_iter": -1, "random_state": None, "_sparse": sparse}
    if number >= (0, 24):
        state["n_features_in_"] = len(m.vectors[0])
    if number < (1, 1):
        state["class_weight_"] = vector([])
    if number >= (1, 9):
        state["_effective_probability"] = False
    state["_gamma"] = Scalar("<f8", m.gamma) if gamma == "scale" else m.gamma
    state["support_"] = Array("<i4", (n,), [i * (SAMPLES - 1) // max(1, n) for i in range(n)])
    dual, intercept = [m.dual], vector([m.intercept], endian)
    if sparse:
        state["support_vectors_"] = csr(era, m.vectors)
        dual_coef: Any = csr(era, dual, "<i8" if number >= (0, 22) else "<i4")
    else:
        state["support_vectors_"] = matrix(m.vectors, endian, order)
        dual_coef = matrix(dual, endian)
    if number >= (0, 22):
        state["_n_support"] = Array("<i4", (2,), [n, n])
    else:  # the memory was never written to
        state["n_support_"] = Array("<i4", (2,), [-640023720, 32724])
    state |= {"dual_coef_": dual_coef, "intercept_": intercept}
    if number < (0, 15):
        state["_label"] = Array("<i4", (2,), [0, 0])
    probabilities = ("_probA", "_probB") if number >= (0, 23) else ("probA_", "probB_")
    state |= {name: vector([]) for name in probabilities}
    state["fit_status_"] = 0
    if number >= (1, 1):
        state["_num_iter"] = Array("<i4", (1,), [36])
    state |= {"shape_fit_": (SAMPLES, len(m.vectors[0])), "_intercept_": vector([m.intercept], endian)}
    if number >= (0, 16):
        state["_dual_coef_"] = dual_coef
    if number >= (1, 1):
        state["n_iter_"] = 36
    if number >= (0, 20):
        state["offset_"] = vector([-m.intercept], endian)
    module = "sklearn.svm." + ("_classes" if era.private else "classes")
    return Instance(Global(module, "OneClassSVM"), era.stamped(state))


def pipeline(era: Era, steps: Sequence[tuple[str, Any]]) -> Instance:
    state: dict[str, Any] = {"steps": [tuple(step) for step in steps]}
    if era.number < (0, 17):
        state["named_steps"] = dict(steps)
    if era.number >= (1, 6):
        state["transform_input"] = None
    if era.number >= (0, 19):
        state["memory"] = None
    if era.number >= (0, 21):
        state["verbose"] = False
    return Instance(Global("sklearn.pipeline", "Pipeline"), era.stamped(state))
