"""Predicts one sensor's anomalies, as a script of a user would that takes a device and a tag.

    python predict.py DEVICE TAG CONFIG

CONFIG is a JSON file that says where the readings and the model are, and where the
predictions go.
"""

import json
import pickle
import sys

import numpy as np
import pandas as pd

device, tag = sys.argv[1], sys.argv[2]
with open(sys.argv[3]) as f:
    config = json.load(f)

data = pd.read_csv(config["input"], dtype={"Device": str, "Tag": str})
data = data[(data["Device"] == device) & (data["Tag"] == tag)]

with open(config["model"], "rb") as f:
    model = pickle.load(f)

values = np.array(data["Value"]).reshape(-1, 1)
result = pd.DataFrame({
    "TS": data["TS"],
    "Device": data["Device"],
    "Tag": data["Tag"],
    "Val": data["Value"],
    "Score": model.decision_function(values),
    "Prediction": np.where(model.predict(values) == 1, 0, 1),  # 1 is an anomaly
})
result.to_csv(config["output"], index=None)
print(f"{len(result)} rows, {result['Prediction'].sum()} anomalies")
