"""The models: which versions, protocols, kernels and shapes there are fixtures of.

All numbers come from a small generator of decimals, so that they are the same on
every machine; nothing is fitted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from .estimators import Era, one_class_svm, pipeline, standard_scaler
from .oracle import Machine, Row, Scaler, decide
from .pickler import Array, Call, Dialect, Global, Instance, Objects, Unicode

_PYTHON2 = Dialect(python2=True, wrapper="sklearn.externals.joblib.numpy_pickle", aligned=False)
_WINDOWS = replace(_PYTHON2, longs=True)
_BUNDLED = replace(_PYTHON2, python2=False)
_NUMPY1 = Dialect(dtype_flags=(False, True))
_NUMPY2 = Dialect(numpy="numpy._core", dtype_flags=(False, True), nested=5)

ERAS = {
    "0.14-py2": Era("0.14.1", False, dialect=_PYTHON2),
    "0.17-py2": Era("0.17.1", False, dialect=_WINDOWS),
    "0.17": Era("0.17.1", False, dialect=_BUNDLED),
    "0.19": Era("0.19.2", False, dialect=_BUNDLED),
    "0.20-py2": Era("0.20.4", False, dialect=_PYTHON2),
    "0.22": Era("0.22.2.post1", True, dialect=Dialect(aligned=False)),
    "0.24": Era("0.24.2", True, dialect=replace(_NUMPY1, aligned=False)),
    "1.0": Era("1.0.2", True, "scipy.sparse._csr", replace(_NUMPY1, aligned=False)),
    "1.2": Era("1.2.2", True, "scipy.sparse._csr", _NUMPY1),
    "1.9": Era("1.9.1", True, "scipy.sparse._csr", _NUMPY2),
}

# Every protocol that Python had in each era.
PROTOCOLS = {
    "0.14-py2": (0, 1, 2),
    "0.17-py2": (0, 2),
    "0.17": (3,),
    "0.19": (0, 1, 2, 3, 4),
    "0.20-py2": (0, 1, 2),
    "0.22": (3, 4, 5),
    "0.24": (2, 4, 5),
    "1.0": (4, 5),
    "1.2": (0, 1, 2, 3, 4, 5),
    "1.9": (0, 1, 2, 3, 4, 5),
}


class Decimals:
    """Decimal numbers that look random and are the same everywhere."""

    def __init__(self, seed: str) -> None:
        self.state = int.from_bytes(seed.encode()[-12:].rjust(12, b"."), "little")

    def next(self, low: float, high: float, digits: int) -> float:
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        unit = 10**digits
        first, last = round(low * unit), round(high * unit)
        return (first + (self.state >> 33) % (last - first + 1)) / unit

    def row(self, n: int, low: float, high: float, digits: int) -> Row:
        return [self.next(low, high, digits) for _ in range(n)]


@dataclass
class Model:
    """One fixture: what is in the file and what it must answer."""

    name: str
    era: str
    protocol: int
    machine: Machine
    scalers: list[Scaler]
    rows: list[Row]
    gamma: Any
    # A step is a Scaler, a Machine, None, "passthrough" or a list of steps; no steps: a machine alone.
    steps: list[tuple[str, Any]] = field(default_factory=list)
    sparse: bool = False
    joblib: bool = False
    compression: str = ""
    endian: str = "<"
    order: str = "C"
    extra: dict[str, Any] = field(default_factory=dict)  # attributes that every estimator has besides

    def estimator(self) -> Any:
        era = ERAS[self.era]
        return self._build(era, self.steps) if self.steps else self._one(era, self.machine)

    def _build(self, era: Era, steps: list[tuple[str, Any]]) -> Any:
        return pipeline(era, [(name, self._one(era, step)) for name, step in steps])

    def _one(self, era: Era, step: Any) -> Any:
        if isinstance(step, list):
            return self._build(era, step)
        if isinstance(step, Machine):
            made = one_class_svm(era, step, self.gamma, self.sparse, self.endian, self.order)
        elif isinstance(step, Scaler):
            made = standard_scaler(era, step, self.endian)
        else:
            return step
        return Instance(made.cls, {**made.state, **self.extra})


def scaled(scalers: list[Scaler], row: Row) -> Row:
    for s in scalers:
        row = s.apply(row)
    return row


def make_machine(d: Decimals, kernel: str, features: int, vectors: int, gamma: float, sparse: bool) -> Machine:
    rows = [list(d.row(features, -2, 2, 6)) for _ in range(vectors)]
    if sparse:
        for i, row in enumerate(rows):
            row[i % features] = 0.0 if features > 1 else row[0]
    degree = round(d.next(1, 5, 0)) if kernel == "poly" else 3
    coef0 = d.next(-1, 1, 2) if kernel in ("poly", "sigmoid") else 0.0
    return Machine(kernel, rows, d.row(vectors, 0.01, 1, 4), 0.0, gamma, degree, coef0)


def make_scaler(d: Decimals, features: int, with_mean: bool, with_std: bool) -> Scaler:
    return Scaler(d.row(features, -120, 120, 5), d.row(features, 0.5, 40, 5), with_mean, with_std)


def make_rows(d: Decimals, m: Machine, scalers: list[Scaler], features: int) -> list[Row]:
    """Rows near the data, at support vectors, and far out."""
    s = scalers[0] if scalers else Scaler([0.0] * features, [1.0] * features)
    mean = s.mean if s.with_mean else [0.0] * features
    scale = s.scale if s.with_std else [1.0] * features

    def at(row: Row) -> Row:
        return [a + b * c for a, b, c in zip(mean, scale, row)]

    rows = [at(d.row(features, -2.5, 2.5, 4)) for _ in range(6)]
    rows += [at(vector) for vector in m.vectors[:2]]
    rows += [at(d.row(features, -1e4, 1e4, 1)), at(d.row(features, -1e9, 1e9, 0))]
    return [*rows, [0.0] * features, [float(round(v)) for v in mean]]


def with_boundary(m: Machine, scalers: list[Scaler], rows: list[Row]) -> Machine:
    """m with an intercept that divides the rows into two classes of about the same size."""
    values = sorted(decide(m, scaled(scalers, row))[0] for row in rows[:6])
    middle = (values[2] + values[3]) / 2
    return replace(m, intercept=-float(f"{middle:.9g}"))


KERNELS = ("rbf", "linear", "poly", "sigmoid")
# The parameter as the user gave it and the value it got; None: 1 / features.
GAMMAS: tuple[tuple[Any, Any], ...] = ((0.01, 0.01), ("auto", None), ("scale", 0.4371), (1 / 3, 1 / 3), (2.5, 2.5))
SCALERS: tuple[Any, ...] = ((True, True), None, (True, False), (False, True), (False, False))


def make(name: str, era: str, protocol: int, kernel: str, features: int, variant: int, **options: Any) -> Model:
    """A model; variant chooses gamma, the scaler and the number of support vectors."""
    d = Decimals(name)
    gamma, value = GAMMAS[variant % len(GAMMAS)]
    if gamma == "scale" and ERAS[era].number < (0, 20):
        gamma = "auto"
    if gamma == "auto":
        value = 1 / features
        gamma = gamma if ERAS[era].number >= (0, 17) else 0.0
    machine = make_machine(d, kernel, features, 1 + variant % 6, value, options.get("sparse", False))
    flags = options.pop("scaler", SCALERS[variant // 2 % len(SCALERS)])
    scalers = [make_scaler(d, features, *flags)] if flags else []
    rows = make_rows(d, machine, scalers, features)
    machine = with_boundary(machine, scalers, rows)
    steps = [("scaler", scalers[0]), ("classifier", machine)] if scalers else []
    return Model(name, era, protocol, machine, scalers, rows, gamma, steps, **options)


def by_version() -> Iterator[Model]:
    """Every version with every protocol of its time; kernels, shapes and scalers take turns."""
    cases = [(era, protocol) for era, protocols in PROTOCOLS.items() for protocol in protocols]
    for n, (era, protocol) in enumerate(cases):
        # 4 kernels and 3 widths: every combination has its turn.
        kernel, features = KERNELS[(n + 2) % 4], (1, 2, 5)[n % 3]
        yield make(f"{era}-p{protocol}-{kernel}-{features}", era, protocol, kernel, features, n)
        kernel, features = KERNELS[(n + 3) % 4], (2, 5, 1)[n % 3]
        name = f"{era}-p{protocol}-{kernel}-{features}-sparse"
        yield make(name, era, protocol, kernel, features, n + 3, sparse=True)
    yield make("1.9-p4-rbf-5", "1.9", 4, "rbf", 5, 32)


def by_container() -> Iterator[Model]:
    """joblib files with and without padding, raw and compressed, and a pickle that was merely compressed."""
    cases = [("0.19", 3), ("0.20-py2", 2), ("1.0", 4), ("1.9", 4)]
    for n, (era, protocol) in enumerate(cases):
        for i, method in enumerate(("", "zlib", "gzip", "bzip2")):
            name = f"{era}-joblib-{method or 'raw'}"
            kernel, features = KERNELS[(n + i) % 4], (1, 2, 5)[(n + i) % 3]
            sparse = (n + i) % 4 == 2
            yield make(name, era, protocol, kernel, features, n + 2 * i, sparse=sparse, joblib=True, compression=method)
    yield make("1.9-joblib-p5-raw", "1.9", 5, "rbf", 5, 10, joblib=True)
    yield make("1.9-joblib-fortran", "1.9", 4, "rbf", 2, 10, joblib=True, order="F")
    yield make("1.2-pickle-gzip", "1.2", 4, "rbf", 2, 5, compression="gzip")


def by_layout() -> Iterator[Model]:
    """Arrays in memory order F and of the other endianness."""
    yield make("1.2-p4-fortran", "1.2", 4, "rbf", 5, 15, order="F")
    yield make("1.9-p5-fortran", "1.9", 5, "poly", 2, 15, order="F")
    yield make("0.19-p3-big-endian", "0.19", 3, "rbf", 2, 15, endian=">")
    yield make("1.0-joblib-big-endian", "1.0", 4, "sigmoid", 5, 15, endian=">", joblib=True)


def by_steps() -> Iterator[Model]:
    """Pipelines in which steps are missing, nested, or named in another script."""
    for name, era, protocol, nothing in (("none", "0.19", 3, None), ("passthrough", "1.2", 4, "passthrough")):
        m = make(f"{era}-steps-{name}", era, protocol, "rbf", 2, 5)
        m.steps.insert(1, ("reduce", nothing))
        m.steps.insert(0, ("first", nothing))
        yield m
    m = make("1.9-steps-nested", "1.9", 4, "linear", 5, 10)
    second = Scaler([0.25] * 5, [1.5] * 5)
    m.scalers.append(second)
    m.machine = with_boundary(m.machine, m.scalers, m.rows)
    m.steps = [("prepare", [("first", m.scalers[0]), ("again", [("second", second)])]), ("detector", m.machine)]
    yield m
    for era, protocol in (("0.17-py2", 0), ("0.20-py2", 2), ("1.2", 0), ("1.9", 4)):
        m = make(f"{era}-steps-unicode", era, protocol, "rbf", 1, 5)
        text = Unicode if ERAS[era].dialect.python2 else str
        m.steps = [(text("Skalierung µ\n"), m.scalers[0]), (text("異常\\検知"), m.machine)]
        yield m
    m = make("0.24-steps-only-svm", "0.24", 5, "sigmoid", 1, 6, scaler=None)
    m.steps = [("svm", m.machine)]
    yield m


def by_attributes() -> Iterator[Model]:
    """Attributes that a model has at times: names of columns, an output format, a random state."""
    named = {"feature_names_in_": Objects(["température", "débit"]), "_sklearn_output_config": {"transform": "pandas"}}
    for era, protocol, joblib in (
        ("1.0", 2, False),
        ("1.2", 4, False),
        ("1.9", 5, False),
        ("1.2", 3, True),
        ("1.9", 4, True),
    ):
        name = f"{era}-names-p{protocol}" + ("-joblib" if joblib else "")
        yield make(name, era, protocol, "rbf", 2, 5, joblib=joblib, extra=named)
    d = Decimals("random state")
    words = Array("<u4", (624,), [int(d.next(0, 2**31 - 1, 0)) for _ in range(624)])
    state = Call(Global("numpy.random", "__RandomState_ctor"), (), ("MT19937", words, 624, 0, 0.0))
    yield make("0.19-random-state", "0.19", 3, "rbf", 1, 5, extra={"random_state": state})


def exact_zeros() -> Iterator[Model]:
    """Decision values of exactly 0, whose label is -1: as in models of 2018, which had one support vector."""
    scaler = Scaler([10.5], [0.25])
    rows: list[Row] = [[10.625], [10.5], [10.75], [11.0], [-5.0], [1e9]]
    cases = {
        "rbf": Machine("rbf", [[0.5]], [0.0291], -0.0291, 0.01),
        "linear": Machine("linear", [[0.75]], [0.5], -0.1875, 0.01),
        "poly": Machine("poly", [[2.0]], [0.25], -0.84375, 0.5, 3, 1.0),
        "sigmoid": Machine("sigmoid", [[-1.0]], [0.5], 0.0, 0.25, 3, 0.125),
    }
    for kernel, machine in cases.items():
        for sparse in (False, True):
            era, protocol = ("1.2", 4) if sparse else ("0.19", 3)
            name = f"{era}-zero-{kernel}" + ("-sparse" if sparse else "")
            steps = [("scaler", scaler), ("classifier", machine)]
            yield Model(name, era, protocol, machine, [scaler], rows, machine.gamma, steps, sparse)
    # The row is beside the support vector, and the kernel a few last places below 1.
    beside, step = 0.1395547286416834, 6e-07
    kernel_value = math.exp(-0.01 * step * step)
    for i, dual in enumerate((0.025, 0.0291, 0.0268)):
        vector = beside + step
        machine = Machine("rbf", [[vector]], [dual], -(dual * kernel_value), 0.01)
        near = [beside, vector, beside - step, vector + 2 * step, vector - 1e-9, 0.0, -3.0, 3.0]
        yield Model(f"0.19-zero-beside-{i}", "0.19", 3, machine, [], [[v] for v in near], 0.01)


def models() -> list[Model]:
    found = [*by_version(), *by_container(), *by_layout(), *by_steps(), *by_attributes(), *exact_zeros()]
    names = [m.name for m in found]
    if len(set(names)) != len(names):
        raise ValueError("two fixtures have the same name")
    return found
