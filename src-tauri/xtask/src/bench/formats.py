"""Loads real exports of each format, repeated until they are large, beside DuckDB's plain load of the same file; and a folder of many parts beside one file."""

import gzip
import itertools
import shutil
import sys
from pathlib import Path

import measure

ROWS = 1_000_000
PARTS = 400

# Name, the real file below the folder of real data, and whether its first line is a header.
FORMATS = [
    ("FOCUS 1.0 CSV", "focus-sample-data/focus_sample.csv", True),
    ("AWS CUR CSV", "focus_converters/sample-anonymous-aws-export-dataset.csv", True),
    ("AWS CUR Hive text", "aws-well-architected-labs/BeforeCUR.gz", False),
    ("AWS CUR 2.0 CSV", "aws-cur-anonymize/sample-cur20.csv", True),
    ("Azure EA CSV", "finops-toolkit/EA_AmortizedCost_Small.csv", True),
    ("Azure MCA CSV", "generated/nise/costreport_27680f11-513d-4937-8f76-4ac5f73cbf2b.csv", True),
    ("Google Cloud CSV", "generated/nise/gcp_202608_b25511b8-0b0e-469c-b720-af2358dea47f_2026-08-01_2026-09-01.csv.gz", True),
    ("OCI CSV", "focus_converters/reports_cost-csv_0000000030000269.csv", True),
    ("AWS CUR Parquet", "aws-well-architected-labs/Oct2018-WorkshopCUR-00001.snappy.parquet", None),
]

# A row of Google Cloud's export to JSON lines: no real one is public.
JSON_LINE = (
    '{"billing_account_id":"1","service":{"id":"S","description":"Compute Engine"},"sku":{"id":"K","description":"Core"},'
    '"usage_start_time":"2026-01-01 00:00:00 UTC","usage_end_time":"2026-01-01 01:00:00 UTC","project":{"id":"p","labels":[{"key":"team","value":"a"}]},'
    '"labels":[{"key":"env","value":"prod"}],"cost":1.25,"currency":"USD","currency_conversion_rate":1,'
    '"usage":{"amount":3600,"unit":"seconds","amount_in_pricing_units":1,"pricing_unit":"hour"},'
    '"credits":[{"name":"c","amount":-0.25,"type":"PROMOTION"}],"invoice":{"month":"202601"},"cost_type":"regular","export_time":"2026-01-02 00:00:00 UTC"}\n'
)


def lines_of(path: Path) -> list:
    opened = gzip.open(path) if path.suffix == ".gz" else path.open("rb")
    with opened as file:
        return file.read().splitlines(keepends=True)


def grow(source: Path, header: bool, target: Path) -> int:
    """Writes the rows of a real file again and again; gives their number."""
    lines = [line if line.endswith(b"\n") else line + b"\n" for line in lines_of(source)]
    head, body = (lines[:1], lines[1:]) if header else ([], lines)
    # Whole rounds, so that a quoted line break is never cut.
    rounds = -(-ROWS // len(body))
    with target.open("wb") as file:
        file.writelines(head)
        for _ in range(rounds):
            file.writelines(body)
    return rounds * len(body)


def load(configuration: dict, source: Path) -> dict:
    scratch = Path(configuration["scratch"])
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    engagement = scratch / "engagement"
    measure.measured([configuration["qd"], "--quiet", "new", engagement, "--name", "Bench", "--currency", "USD"])
    return measure.measured([configuration["qd"], "-e", engagement, "--quiet", "load", source], (0, 3))


def plain(configuration: dict, source: str) -> dict:
    import json

    database = Path(configuration["scratch"]) / "plain.duckdb"
    database.unlink(missing_ok=True)
    run = measure.measured([sys.executable, measure.HERE / "peers.py", "load", source, database])
    return json.loads(run["printed"])


def measured_format(configuration: dict, name: str, source: Path, rows: int, runs: int) -> dict:
    ours, peer = [], []
    for _ in range(runs):
        ours.append(load(configuration, source))
        peer.append(plain(configuration, str(source)))
    wall, peer_wall = measure.median(ours, "wall"), measure.median(peer, "wall")
    return {
        "format": name,
        "rows": rows,
        "wall_s": wall,
        "cpu_s": measure.median(ours, "cpu"),
        "peak_mb": max(run["peak_mb"] for run in ours),
        "rows_per_s": rows / wall,
        "duckdb_wall_s": peer_wall,
        "ratio": peer_wall / wall,
    }


def formats(configuration: dict, runs: int) -> list:
    """Each format once. Parquet is not repeated: its rows are as many as the real month has."""
    real, folder, found = Path(configuration["real_data"]), Path(configuration["folder"]), []
    folder.mkdir(parents=True, exist_ok=True)
    for name, path, header in FORMATS:
        source = real / path
        if header is None:
            import duckdb

            rows = duckdb.sql(f"SELECT count(*) FROM read_parquet('{source}')").fetchone()[0]
            found.append(measured_format(configuration, name, source, rows, runs))
            continue
        target = folder / (name.replace(" ", "-").lower() + (".csv" if header else ".txt"))
        rows = grow(source, header, target)
        found.append(measured_format(configuration, name, target, rows, runs))
        target.unlink()
    target = folder / "google-cloud.json"
    with target.open("w") as file:
        file.writelines(itertools.repeat(JSON_LINE, ROWS))
    found.append(measured_format(configuration, "Google Cloud JSON lines", target, ROWS, runs))
    target.unlink()
    return found


def parts(configuration: dict, runs: int) -> list:
    """One month of the generated bill as one file and as a folder of parts, as CSV and as Parquet."""
    import duckdb

    month, folder, found = Path(configuration["month"]), Path(configuration["folder"]), []
    with month.open("rb") as file:
        head, *body = file.read().splitlines(keepends=True)
    size = -(-len(body) // PARTS)
    for form in ["csv", "parquet"]:
        whole, many = folder / f"one.{form}", folder / f"many-{form}"
        shutil.rmtree(many, ignore_errors=True)
        many.mkdir(parents=True)
        for number, start in enumerate(range(0, len(body), size)):
            part = many / f"part-{number:05}.csv"
            part.write_bytes(head + b"".join(body[start : start + size]))
            if form == "parquet":
                rows = f"SELECT * FROM read_csv('{part}', all_varchar = true)"
                duckdb.sql(f"COPY ({rows}) TO '{part.with_suffix('.parquet')}' (FORMAT parquet)")
                part.unlink()
        if form == "csv":
            shutil.copy(month, whole)
        else:
            duckdb.sql(f"COPY (SELECT * FROM read_csv('{month}', all_varchar = true)) TO '{whole}' (FORMAT parquet)")
        one = [load(configuration, whole)["wall"] for _ in range(runs)]
        several = [load(configuration, many)["wall"] for _ in range(runs)]
        one, several = sorted(one)[runs // 2], sorted(several)[runs // 2]
        found.append({"form": form, "rows": len(body), "parts": len(list(many.iterdir())), "one_s": one, "parts_s": several, "ratio": one / several})
        whole.unlink()
        shutil.rmtree(many)
    return found


def print_formats(found: list) -> None:
    keys = ["format", "rows", "wall_s", "cpu_s", "rows_per_s", "peak_mb", "duckdb_wall_s", "ratio"]
    lines = [[f"{line['ratio']:.2f}x" if key == "ratio" else line[key] for key in keys] for line in found]
    measure.table("Loading real exports, repeated, and DuckDB's plain CREATE TABLE AS on the same file", ["format", "rows", "s", "cpu s", "rows/s", "peak MB", "duckdb s", "ratio"], lines)


def print_parts(found: list) -> None:
    lines = [[line["form"], line["rows"], line["parts"], line["one_s"], line["parts_s"], f"{line['ratio']:.2f}x"] for line in found]
    measure.table("One file and the same rows in many", ["form", "rows", "parts", "one file s", "parts s", "ratio"], lines)
