#!/usr/bin/env python3
"""Writes legacy/: models as scikit-learn 0.14 to 1.9 wrote them, and what they must answer.

Needs Python alone (3.9 or newer). The output is the same on every machine, byte
for byte. legacy/legacy.json holds

  models   file, version (of scikit-learn; empty where the file does not say),
           container (pickle, joblib), compression, protocol, python (2 or 3),
           features, steps (name, class, parameters, array shapes), rows, and for
           each row decision, bound (the sum of the absolute values of the
           decision's terms), label (1 or -1)
  refused  file, kind (refused, unsupported, damaged) and what the error must say
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from legacygen.compress import compress  # noqa: E402
from legacygen.models import ERAS, Model, models, scaled  # noqa: E402
from legacygen.oracle import Machine, Scaler, decide, label  # noqa: E402
from legacygen.pickler import dumps  # noqa: E402
from legacygen.refused import refused  # noqa: E402

SUFFIXES = {"": "", "zlib": ".z", "gzip": ".gz", "bzip2": ".bz2"}


def steps(m: Model, name: str, step: Any) -> list[dict[str, Any]]:
    """What can be told of a step and of those inside it."""
    era = ERAS[m.era]
    if isinstance(step, list):
        return [told for inner, part in step for told in steps(m, inner, part)]
    if isinstance(step, Scaler):
        cls = "sklearn.preprocessing." + ("_data" if era.private else "data") + ".StandardScaler"
        params: dict[str, Any] = {"with_mean": step.with_mean, "with_std": step.with_std}
        scale = "std_" if era.number < (0, 17) else "scale_"
        arrays = {"mean_": [len(step.mean)]} if step.with_mean else {}
        arrays |= {scale: [len(step.scale)]} if step.with_std else {}
        return [{"name": name, "class": cls, "params": params, "arrays": arrays}]
    if not isinstance(step, Machine):
        return []
    cls = "sklearn.svm." + ("_classes" if era.private else "classes") + ".OneClassSVM"
    params = {"kernel": step.kernel, "gamma": m.gamma, "_gamma": step.gamma}
    params |= {"degree": step.degree, "coef0": step.coef0, "nu": 0.0001}
    arrays = {"support_vectors_": [len(step.vectors), len(step.vectors[0])], "dual_coef_": [1, len(step.dual)]}
    return [{"name": name, "class": cls, "params": params, "arrays": arrays}]


def answers(m: Model) -> dict[str, Any]:
    rows = [scaled(m.scalers, row) for row in m.rows]
    values = [decide(m.machine, row) for row in rows]
    labels = [label(m.machine, row) for row in rows]
    for (decision, bound), sign in zip(values, labels):
        if abs(decision) > 1e-12 * bound and (decision > 0) != (sign > 0):
            raise ValueError(f"{m.name}: double and decimal arithmetic disagree")
    return {"decision": [d for d, _ in values], "bound": [b for _, b in values], "label": labels}


def write(m: Model, folder: Path) -> dict[str, Any]:
    era = ERAS[m.era]
    data = dumps(m.estimator(), m.protocol, era.dialect, m.joblib, mmap=not m.compression)
    file = m.name + (".joblib" if m.joblib else ".pkl") + SUFFIXES[m.compression]
    (folder / file).write_bytes(compress(data, m.compression))
    return {
        "file": file,
        "version": era.version if era.number >= (0, 18) else "",
        "container": "joblib" if m.joblib else "pickle",
        "compression": m.compression,
        "protocol": m.protocol,
        "python": 2 if era.dialect.python2 else 3,
        "features": len(m.rows[0]),
        "steps": steps(m, "OneClassSVM", m.steps or m.machine),
        "rows": m.rows,
        **answers(m),
    }


def lines(records: list[dict[str, Any]]) -> str:
    """One record a line, so that a change shows as a change of its lines."""
    return ",\n".join("    " + json.dumps(record, ensure_ascii=False) for record in records)


def main() -> None:
    folder = Path(__file__).resolve().parent / "legacy"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    good = [write(m, folder) for m in models()]
    bad = []
    for r in refused():
        file = f"refused-{r.name}.pkl"
        (folder / file).write_bytes(r.data)
        bad.append({"file": file, "kind": r.kind, "says": r.says})
    text = f'{{\n  "models": [\n{lines(good)}\n  ],\n  "refused": [\n{lines(bad)}\n  ]\n}}\n'
    (folder / "legacy.json").write_bytes(text.encode())
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{len(good)} models, {len(bad)} refused, {size / 1000:.0f} kB in {folder.name}/")


if __name__ == "__main__":
    main()
