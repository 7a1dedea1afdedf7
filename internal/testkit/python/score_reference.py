#!/usr/bin/env python3
"""Decision values of rbf models of one feature, by numpy: an oracle for the scores.

    score_reference.py --models DIR --model-name TEMPLATE --data CSV --out FILE

FILE becomes a CSV of Device,Tag,Decision,Bound,Label with a line for each reading,
sensors in the order of their names and a sensor's readings in the order of the data.
Bound is the sum of the absolute values of the decision's terms; Label is 1 or -1. The
models may be of any scikit-learn version: they are read with stub classes.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import pandas as pd
from inert import Machine, Stub, load


def decide(steps: list[Stub], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scaler, svm = steps
    machine = Machine(svm)
    if machine.kernel != "rbf":
        raise ValueError(f"the kernel is {machine.kernel!r}, not 'rbf'")
    x = (x - scaler.mean_[0]) / scaler.scale_[0]
    decision, bound = np.zeros(len(x)), np.zeros(len(x))
    for coef, (vector,) in zip(machine.dual, machine.vectors):
        term = coef * np.exp(-machine.gamma * (x - vector) ** 2)
        decision += term
        bound += np.abs(term)
    return decision + machine.intercept, bound + abs(machine.intercept)


def main() -> None:
    parser = argparse.ArgumentParser(description="Decision values by numpy.")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--model-name", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    data = pd.read_csv(args.data, float_precision="round_trip")
    data.columns = ["time", "device", "tag", "value"]
    data[["device", "tag"]] = data[["device", "tag"]].astype(str)
    with args.out.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["Device", "Tag", "Decision", "Bound", "Label"])
        for (device, tag), sensor in sorted(data.groupby(["device", "tag"]), key=lambda item: item[0]):
            steps = load(args.models / args.model_name.format(device=device, tag=tag))
            for d, b in zip(*decide(steps, sensor["value"].to_numpy(dtype=float))):
                out.writerow([device, tag, repr(float(d)), repr(float(b)), 1 if d > 0 else -1])


if __name__ == "__main__":
    main()
