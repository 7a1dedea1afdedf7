"""Parquet as pyarrow writes and reads it.

    parquet_peer.py write READINGS.csv FOLDER    the readings in many types and encodings
    parquet_peer.py read PREDICTIONS.parquet PREDICTIONS.csv    both say the same
"""

import pathlib
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def write(data, folder):
    rows = pd.read_csv(data)
    at = pd.to_datetime(rows[rows.columns[0]], utc=True, format="ISO8601")
    device, tag, value = (rows[c].tolist() for c in rows.columns[1:4])
    utc = pa.array(at.astype("datetime64[ms, UTC]"), pa.timestamp("ms", tz="UTC"))
    as_is = [pa.array(device, pa.string()), pa.array(tag, pa.string()), pa.array(value, pa.float64())]
    dictionaries = [as_is[0].dictionary_encode(), as_is[1].dictionary_encode(), as_is[2]]
    variants = {
        "plain": ([utc, *as_is], dict(use_dictionary=False)),
        "dictionary": ([utc, *dictionaries], dict(compression="zstd", data_page_version="2.0")),
        "micros": ([utc.cast(pa.timestamp("us", tz="UTC")), *as_is], dict(compression="gzip", row_group_size=1000)),
        "nanos": ([utc.cast(pa.timestamp("ns", tz="UTC")), *as_is], dict(compression="brotli", data_page_size=2000)),
        "local": ([utc.cast(pa.timestamp("ms")), *as_is], dict(compression="none")),
        "int96": ([utc, *as_is], dict(use_deprecated_int96_timestamps=True)),
        "epoch": ([utc.cast(pa.int64()), *as_is], dict(use_byte_stream_split=["value"], use_dictionary=["device", "tag"])),
        "large": ([utc, as_is[0].cast(pa.large_string()), as_is[1].cast(pa.large_string()), as_is[2]],
                  dict(column_encoding={"ts": "DELTA_BINARY_PACKED", "device": "DELTA_BYTE_ARRAY", "tag": "DELTA_LENGTH_BYTE_ARRAY"}, use_dictionary=False)),
        "text": ([pa.array(rows[rows.columns[0]].astype(str)), *as_is[:2], pa.array([repr(v) for v in value])], dict(dictionary_pagesize_limit=50)),
        "decimal": ([utc, *as_is[:2], pa.array([f"{v:.6f}" for v in value]).cast(pa.decimal128(24, 6))], dict(store_decimal_as_integer=True)),
    }
    for name, (columns, options) in variants.items():
        table = pa.table(dict(zip(["ts", "device", "tag", "value"], columns)))
        pq.write_table(table, pathlib.Path(folder) / f"{name}.parquet", **options)


def read(parquet, csv):
    table = pq.read_table(parquet)
    want = [("time", "timestamp[ms, tz=UTC]"), ("device", "string"), ("tag", "string"), ("value", "double"),
            ("score", "double"), ("anomaly", "int8"), ("model", "string")]
    got = [(f.name, str(f.type)) for f in table.schema]
    assert got == want, got
    rows = pd.read_csv(csv, dtype={"device": str, "tag": str})
    assert table.num_rows == len(rows), (table.num_rows, len(rows))
    at = pd.to_datetime(rows["time"], utc=True, format="ISO8601").astype("datetime64[ms, UTC]")
    assert table["time"].to_pandas().tolist() == at.tolist()
    for name, _ in want[1:]:
        assert table[name].to_pylist() == rows[name].tolist(), name


{"write": write, "read": read}[sys.argv[1]](*sys.argv[2:])
