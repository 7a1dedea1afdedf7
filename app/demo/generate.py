#!/usr/bin/env python3
"""Trains the models of the demo: one for each sensor of its fleet, on nine days in which nothing is wrong.

    generate.py [command that runs fleetscore, by default: go run ./cmd/fleetscore]

It runs in the root of the repository, needs scikit-learn as pinned by
internal/testkit/python/locks/sklearn-newest.txt, and writes models.tar.gz beside it.

The nine days are those before now, so another run gives other readings of the same
fleet; and fitted models differ in their last digits from one processor to another.
So the archive is committed, and not made anew by the tests.

A model learns from single readings, and scores means of windows, which are spread less:
no normal window comes near its boundary, and what is planted is far outside.
"""

from __future__ import annotations

import gzip
import io
import json
import pickle
import subprocess
import sys
import tarfile
from collections import defaultdict
from pathlib import Path

from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

HERE = Path(__file__).resolve().parent
# Devices, tags, seed and prefix are those of fleet.go.
FLEET = "--devices 40 --tags 5 --seed 1 --prefix pump-".split()
HISTORY = "--rate 20/h --back 9d --for 0s --to -".split()
# As few rows as there can be are outliers, which the default tolerance would not get to; a larger gamma leaves holes.
DETECTOR = OneClassSVM(nu=0.0003, gamma=0.05, tol=1e-6)


def readings(command: list[str]) -> dict[tuple[str, str], list[float]]:
    """The history of every sensor."""
    out = subprocess.run([*command, "simulate", *FLEET, *HISTORY], check=True, capture_output=True).stdout
    history: dict[tuple[str, str], list[float]] = defaultdict(list)
    for line in out.splitlines():
        r = json.loads(line)
        history[r["device"], r["tag"]].append(r["value"])
    return history


def main() -> None:
    archive = io.BytesIO()
    history = readings(sys.argv[1:] or ["go", "run", "./cmd/fleetscore"])
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for (device, tag), values in sorted(history.items()):
            model = Pipeline([("scaler", StandardScaler()), ("detector", clone(DETECTOR))]).fit([[v] for v in values])
            data = pickle.dumps(model)
            entry = tarfile.TarInfo(f"{device}/{tag}.pkl")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    packed = gzip.compress(archive.getvalue(), compresslevel=9, mtime=0)
    (HERE / "models.tar.gz").write_bytes(packed)
    print(f"{len(history)} models, {len(packed):,} bytes")


if __name__ == "__main__":
    main()
