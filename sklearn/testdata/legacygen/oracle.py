"""What scikit-learn would answer, computed from the numbers of a model.

Decision values and bounds are exact to the last digit of a double: the scaled
features are doubles, as in scikit-learn, and all that follows is decimal
arithmetic with 50 digits. Labels come from double arithmetic in libsvm's order,
as scikit-learn's do, so that a decision value of exactly 0 is where it is there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import TypeVar

Row = Sequence[float]
Number = TypeVar("Number", float, Decimal)

_CONTEXT = Context(prec=50, Emin=-999999, Emax=999999)


@dataclass(frozen=True)
class Scaler:
    mean: Row
    scale: Row
    with_mean: bool = True
    with_std: bool = True

    def apply(self, row: Row) -> Row:
        if self.with_mean:
            row = [v - m for v, m in zip(row, self.mean)]
        if self.with_std:
            row = [v / s for v, s in zip(row, self.scale)]
        return row


@dataclass(frozen=True)
class Machine:
    """The numbers of a fitted OneClassSVM."""

    kernel: str
    vectors: Sequence[Row]
    dual: Row
    intercept: float
    gamma: float = 0.0
    degree: int = 3
    coef0: float = 0.0


def terms(m: Machine, row: Row) -> list[Decimal]:
    """The terms of the decision value, the intercept last."""
    x = [Decimal(v) for v in row]
    values = []
    for coef, vector in zip(m.dual, m.vectors):
        s = [Decimal(v) for v in vector]
        values.append(Decimal(coef) * _kernel(m, x, s, Decimal, Decimal.exp, _tanh))
    return [*values, Decimal(m.intercept)]


def decide(m: Machine, row: Row) -> tuple[float, float]:
    """The decision value of a scaled row and its bound, the sum of the terms' absolute values."""
    with localcontext(_CONTEXT):
        values = terms(m, row)
        return float(_sum(values, Decimal(0))), float(_sum(map(abs, values), Decimal(0)))


def label(m: Machine, row: Row) -> int:
    return 1 if decide_double(m, row) > 0 else -1


def decide_double(m: Machine, row: Row) -> float:
    total = 0.0
    for coef, vector in zip(m.dual, m.vectors):
        total += coef * _kernel(m, row, vector, float, math.exp, math.tanh)
    return total + m.intercept


def _kernel(
    m: Machine,
    x: Sequence[Number],
    s: Sequence[Number],
    number: Callable[[float], Number],
    exp: Callable[[Number], Number],
    tanh: Callable[[Number], Number],
) -> Number:
    gamma, coef0 = number(m.gamma), number(m.coef0)
    if m.kernel == "rbf":
        return exp(-gamma * _sum(((a - b) * (a - b) for a, b in zip(x, s)), number(0)))
    dot = _sum((a * b for a, b in zip(x, s)), number(0))
    if m.kernel == "linear":
        return dot
    if m.kernel == "poly":
        return _power(gamma * dot + coef0, m.degree, number)
    if m.kernel == "sigmoid":
        return tanh(gamma * dot + coef0)
    raise ValueError(m.kernel)


def _sum(values: Iterable[Number], total: Number) -> Number:
    """In order and rounded at each step, which the built-in sum no longer is since Python 3.12."""
    for v in values:
        total += v
    return total


def _power(base: Number, exponent: int, number: Callable[[float], Number]) -> Number:
    """By repeated squaring, lowest bit first, as libsvm does it."""
    result = number(1)
    while exponent > 0:
        if exponent % 2:
            result *= base
        base *= base
        exponent //= 2
    return result


def _tanh(x: Decimal) -> Decimal:
    t = (-2 * abs(x)).exp()
    return ((1 - t) / (1 + t)).copy_sign(x)
