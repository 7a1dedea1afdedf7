#!/usr/bin/env python3
"""Writes a model of two features, and readings of an hour that it scores.

It is of the temperature and the flow of pump-1. The flow follows the temperature,
but for nine readings.

Needs scikit-learn. The model has not the same bytes with another version of it.
"""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

HERE = Path(__file__).resolve().parent


def cloud(n: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    temperature = 60 + 8 * random.standard_normal(n)
    return np.column_stack([temperature, 300 + 12 * (temperature - 60) + 40 * random.standard_normal(n)])


model = make_pipeline(StandardScaler(), OneClassSVM(nu=0.02, gamma=0.5)).fit(cloud(400, 1))
(HERE / "pump-1.pkl").write_bytes(pickle.dumps(model, protocol=4))

rows = cloud(120, 2)
rows[40:49] = [[40, 480 + 10 * i] for i in range(9)]
lines = ["time,device,tag,value"]
for i, (temperature, flow) in enumerate(rows):
    at = f"2026-11-23T12:{i // 2:02d}:{i % 2 * 30:02d}Z"
    lines += [f"{at},pump-1,temperature,{temperature:.2f}", f"{at},pump-1,flow,{flow:.1f}"]
(HERE / "readings.csv").write_text("\n".join(lines) + "\n")
