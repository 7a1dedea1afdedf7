"""One sensor in a process of its own, as batch systems run a script: its model, its
rows of a CSV file, its predictions as CSV.

    one.py MODEL CSV OUT
"""

import pickle
import sys

import pandas as pd

model, data, out = sys.argv[1:]
with open(model, "rb") as f:
    pipeline = pickle.load(f)
rows = pd.read_csv(data)
rows["Prediction"] = (pipeline.predict(rows[["value"]].to_numpy()) < 0).astype(int)
rows.to_csv(out, index=None)
