#!/usr/bin/env python3
"""Makes the pumps: a day of readings, the faults planted in it, and a model for each sensor.

    generate.py --readings-only     readings.csv and truth.csv; needs Python alone
    generate.py                     the models too; needs scikit-learn, as pinned by
                                    internal/testkit/python/locks/sklearn-newest.txt

The readings are the same on every machine: they come from additions and
multiplications alone, and are rounded. Fitted models differ in their last digits
from one processor to another; those in models/ are not made anew by the tests.
"""

from __future__ import annotations

import argparse
import pickle
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
DAY = datetime(2025, 6, 2, tzinfo=timezone.utc)
STEP = timedelta(minutes=4)
READINGS = 360  # a day
HISTORY = 14  # the days before, on which the models are fitted


@dataclass(frozen=True)
class Tag:
    """A quantity: its value at rest, how far it swings over a day, and its noise."""

    name: str
    rest: float
    swing: float
    noise: float
    digits: int


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong from one reading to another: offset grows by slope a reading."""

    name: str
    device: str
    tag: str
    first: int
    count: int
    offset: float
    slope: float = 0.0


DEVICES = {"pump-1": 1.0, "pump-2": 1.06, "pump-3": 0.97, "pump-4": 1.02}  # no two pumps are alike
TAGS = [
    Tag("temperature", 61.0, 6.0, 0.6, 2),
    Tag("vibration", 2.4, 0.3, 0.12, 3),
    Tag("pressure", 4.8, -0.25, 0.06, 3),
]
FAULTS = [
    Fault("glitch", "pump-1", "pressure", 71, 1, 3.5),
    Fault("bearing wear", "pump-2", "vibration", 205, 14, 1.3, 0.06),
    Fault("overheating", "pump-3", "temperature", 148, 9, 13.0, 1.2),
    Fault("glitch", "pump-4", "vibration", 300, 1, -2.2),
    Fault("leak", "pump-4", "pressure", 255, 7, -1.1, -0.08),
]


def daily(step: int) -> float:
    """A curve like a sine of the time of day, made of two parabolas."""
    phase = step % READINGS / READINGS
    if phase < 0.5:
        return 16 * phase * (0.5 - phase)
    return -16 * (phase - 0.5) * (1 - phase)


def noise(rng: random.Random) -> float:
    """Nearly normal with variance 1, by additions alone, so that no digit depends on the machine."""
    total = -6.0
    for _ in range(12):
        total += rng.random()
    return total


def values(device: str, tag: Tag, days: int) -> list[float]:
    """A sensor's readings over whole days, without faults; the last day is the one that is scored."""
    rng = random.Random(f"{device}/{tag.name}")
    slow = 0.0
    found = []
    for step in range(days * READINGS):
        slow = 0.95 * slow + 0.05 * noise(rng)
        normal = tag.rest * DEVICES[device] + tag.swing * daily(step)
        found.append(normal + tag.noise * (noise(rng) + slow))
    return found


def offset(device: str, tag: Tag, step: int) -> tuple[float, str]:
    """What a fault adds to a reading, and its name."""
    for f in FAULTS:
        if (f.device, f.tag) == (device, tag.name) and f.first <= step < f.first + f.count:
            return f.offset + f.slope * (step - f.first), f.name
    return 0.0, ""


def readings() -> Iterator[tuple[str, str, str, str, str]]:
    """Time, device, tag, value and fault of the day's readings, in order of time."""
    sensors = [(device, tag, values(device, tag, HISTORY + 1)[-READINGS:]) for device in DEVICES for tag in TAGS]
    for step in range(READINGS):
        for seconds, (device, tag, series) in enumerate(sensors):
            time = (DAY + step * STEP + timedelta(seconds=3 * seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
            added, fault = offset(device, tag, step)
            yield time, device, tag.name, f"{series[step] + added:.{tag.digits}f}", fault


def write_readings() -> None:
    rows = list(readings())
    lines = ["ts,device,tag,value", *(",".join(row[:4]) for row in rows)]
    truth = ["ts,device,tag,fault", *(",".join((*row[:3], row[4])) for row in rows if row[4])]
    (HERE / "readings.csv").write_bytes("\n".join([*lines, ""]).encode())
    (HERE / "truth.csv").write_bytes("\n".join([*truth, ""]).encode())
    print(f"{len(rows)} readings of {len(DEVICES) * len(TAGS)} sensors, {len(truth) - 1} of them faulty")


def write_models() -> None:
    from sklearn.base import clone
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import OneClassSVM

    # So few rows are to be outliers that the default tolerance would stop before the end.
    detector = OneClassSVM(nu=0.002, gamma=0.2, tol=1e-6)
    found = missed = false = 0
    today = list(readings())
    for device in DEVICES:
        for tag in TAGS:
            history = [[round(v, tag.digits)] for v in values(device, tag, HISTORY)[::2]]
            model = Pipeline([("scaler", StandardScaler()), ("detector", clone(detector))]).fit(history)
            path = HERE / "models" / device / f"{tag.name}.pkl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pickle.dumps(model))
            rows = [row for row in today if row[1:3] == (device, tag.name)]
            for row, label in zip(rows, model.predict([[float(row[3])] for row in rows])):
                found += label < 0 and row[4] != ""
                missed += label > 0 and row[4] != ""
                false += label < 0 and row[4] == ""
    print(f"{found} faulty readings found, {missed} missed, {false} false alarms")


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the example fleet.")
    parser.add_argument("--readings-only", action="store_true", help="leave the models as they are")
    args = parser.parse_args()
    write_readings()
    if not args.readings_only:
        write_models()


if __name__ == "__main__":
    main()
