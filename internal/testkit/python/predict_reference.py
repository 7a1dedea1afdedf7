#!/usr/bin/env python3
"""Predicts with pandas as the predict.py of 2018 did: the oracle for the files it wrote.

    predict_reference.py --models DIR --model-name TEMPLATE --data CSV --out DIR [--exact]

TEMPLATE is the path of a model below DIR, for example '{device}/{tag}.pkl'. For
every sensor in the data there is a file preds_{device}_{tag}.csv with the columns
TS,Device,Tag,Val,Prediction, where 1 is an anomaly. Names and numbers are what
pandas makes of them: a column of whole numbers is one of integers. The columns of
the data are found without regard to case; ts or time, device, tag, value. A sensor
with a value that is missing or infinite gets no file, as scikit-learn refuses it.

Before version 3, pandas reads some decimals of more than 15 digits to a
neighbouring double; --exact makes it read the nearest one in every version.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from inert import load, predict

COLUMNS = {"ts": "TS", "time": "TS", "device": "Device", "tag": "Tag", "value": "Value"}


def read(path: Path, exact: bool) -> pd.DataFrame:
    data = pd.read_csv(path, float_precision="round_trip" if exact else None)
    return data.rename(columns={name: COLUMNS.get(name.lower(), name) for name in data.columns})


def predictions(sensor: pd.DataFrame, model: Path) -> pd.DataFrame:
    values = np.array(sensor["Value"])
    labels = predict(load(model), values.reshape(-1, 1).tolist())
    out = sensor[["TS", "Device", "Tag"]].copy()
    out["Val"] = values
    out["Prediction"] = np.where(np.array(labels) == 1, 0, 1)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description="Predicts as the predict.py of 2018 did.")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--model-name", default="{device}/{tag}.pkl")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--exact", action="store_true", help="read every number to the nearest double")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    rows = anomalies = 0
    data = read(args.data, args.exact)
    for (device, tag), sensor in data.groupby(["Device", "Tag"], sort=True):
        if not np.isfinite(sensor["Value"]).all():
            print(f"{device}/{tag}: a value is missing or infinite")
            continue
        found = predictions(sensor, args.models / args.model_name.format(device=device, tag=tag))
        (args.out / f"preds_{device}_{tag}.csv").write_text(found.to_csv(index=None), encoding="utf-8")
        rows, anomalies = rows + len(found), anomalies + int(found["Prediction"].sum())
    print(f"{rows} rows, {anomalies} anomalies")


if __name__ == "__main__":
    main()
