"""What a careful script does without us: models.py's fleet, scored in a bare loop, or fitted.

loop.py fit FOLDER COUNT        fits COUNT models, and writes the rows of all sensors
loop.py score FOLDER COUNT      scores them in two processes: each model is loaded and asked for
                                its decision and its label, then asked again, then for its decision alone
loop.py one FOLDER N            scores one, as a process for each sensor does
"""
import json
import multiprocessing
import os
import sys
import time

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[library + "_NUM_THREADS"] = "1"

import joblib
import numpy as np

ROWS, PROCESSES = 60, 2


def fit(folder, part, count):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import OneClassSVM

    for n in range(part, count, PROCESSES):
        rng = np.random.default_rng(n)
        X = rng.normal(20, 3, (60, 1))
        joblib.dump(make_pipeline(StandardScaler(), OneClassSVM(nu=0.2)).fit(X), f"{folder}/{n}.pkl")


def score(folder, part, count, ready, go, results):
    import sklearn.pipeline, sklearn.preprocessing, sklearn.svm  # noqa: E401

    X = np.fromfile(folder + "/rows", dtype=np.float64).reshape(count, ROWS, 1)
    models, took = {}, []
    ready.put(part)
    go.wait()
    for again in range(3):
        start = time.perf_counter()
        anomalies = 0
        for n in range(part, count, PROCESSES):
            model = models[n] if again else joblib.load(f"{folder}/{n}.pkl")
            models[n] = model
            scores = model.decision_function(X[n])
            if again < 2:
                anomalies += int((model.predict(X[n]) == -1).sum())
            else:
                anomalies += int((scores <= 0).sum())
        took.append(time.perf_counter() - start)
    results.put((took, anomalies))


def main():
    what, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if what == "one":
        model = joblib.load(f"{folder}/{count}.pkl")
        X = np.fromfile(folder + "/rows", dtype=np.float64, count=ROWS).reshape(ROWS, 1)
        model.decision_function(X), model.predict(X)
        return
    context = multiprocessing.get_context("fork" if what == "fit" else "spawn")
    if what == "fit":
        np.random.default_rng(0).normal(20, 4, count * ROWS).tofile(folder + "/rows")
        parts = [context.Process(target=fit, args=(folder, p, count)) for p in range(PROCESSES)]
        for p in parts:
            p.start()
        for p in parts:
            p.join()
        sys.exit(any(p.exitcode for p in parts))
    ready, results, go = context.Queue(), context.Queue(), context.Event()
    parts = [context.Process(target=score, args=(folder, p, count, ready, go, results)) for p in range(PROCESSES)]
    for p in parts:
        p.start()
    for p in parts:
        ready.get()
    go.set()
    found = [results.get() for p in parts]
    print(json.dumps({"cold": max(t[0] for t, _ in found), "warm": max(t[1] for t, _ in found), "once": max(t[2] for t, _ in found), "anomalies": sum(a for _, a in found)}))


if __name__ == "__main__":
    main()
