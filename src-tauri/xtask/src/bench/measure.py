"""Runs Quarterdeck and its peers on the same files, one after the other, and prints the table. Median of the runs, wall and CPU."""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import interactions
import window
from peers import connect, threads

HERE = Path(__file__).parent
FORMS = {"csv": "csv/*.csv", "csv.gz": "csv.gz/*.csv.gz", "parquet": "parquet/*.parquet"}
PEERS = ["duckdb on parquet", "polars in memory"]
# What a row takes in Polars; where all of them do not fit into the memory there is, Polars is left out.
POLARS_BYTES_PER_ROW = 520
# What a peer that adds up floating-point numbers may be off by, as a share of the sum.
TOLERANCE = Decimal("1e-6")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident_bytes(root: int) -> int:
    """The resident size of a process and all below it."""
    parents, sizes = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            sizes[int(entry.name)] = int((entry / "statm").read_text().split()[1]) * PAGE_BYTES
        except (OSError, IndexError):
            continue
    family, grown = {root}, True
    while grown:
        grown = {child for child, parent in parents.items() if parent in family} - family
        family |= grown
    return sum(sizes.get(process, 0) for process in family)


def measured(command: list, statuses=(0,)) -> dict:
    """Wall, CPU and the peak size of a command with its children, and what it printed."""
    began = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE)
    peak, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            peak[0] = max(peak[0], resident_bytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    ended.set()
    watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in statuses:
        raise SystemExit(f"{command} ended with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return {"wall": wall, "cpu": cpu, "peak_mb": peak[0] / 2**20, "printed": printed.decode()}


def median(runs: list, key: str) -> float:
    return statistics.median(run[key] for run in runs)


def loads(configuration: dict, folder: Path, rows: int, runs: int) -> list:
    """Rows and bytes a second of a load, beside DuckDB's plain one."""
    scratch, found = Path(configuration["scratch"]), []
    for form, pattern in FORMS.items():
        if not any(folder.glob(pattern)):
            continue
        size = sum(file.stat().st_size for file in folder.glob(pattern))
        ours, plain = [], []
        for _ in range(runs):
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir(parents=True)
            engagement = scratch / "engagement"
            measured([configuration["qd"], "--quiet", "new", engagement, "--name", "Bench", "--currency", "USD"])
            ours.append(measured([configuration["qd"], "-e", engagement, "--quiet", "load", folder / form], (0, 3)))
            run = measured([sys.executable, HERE / "peers.py", "load", folder / pattern, scratch / "plain.duckdb"])
            plain.append({**json.loads(run["printed"]), "peak_mb": run["peak_mb"]})
        wall, plain_wall = median(ours, "wall"), median(plain, "wall")
        found.append({
            "form": form,
            "bytes": size,
            "wall_s": wall,
            "cpu_s": median(ours, "cpu"),
            "peak_mb": max(run["peak_mb"] for run in ours),
            "rows_per_s": rows / wall,
            "mb_per_s": size / wall / 1e6,
            "duckdb_wall_s": plain_wall,
            "duckdb_cpu_s": median(plain, "cpu"),
            "duckdb_peak_mb": max(run["peak_mb"] for run in plain),
            "ratio": plain_wall / wall,
            "bytes_per_charge": (engagement / "engagement.duckdb").stat().st_size / rows,
        })
    kept = folder / "engagement"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.move(engagement, kept)
    return found


def resolved(configuration: dict, folder: Path) -> Path:
    """The questions with the largest values of the data, and the last months, written in."""
    connection = connect()
    connection.execute(f"CREATE VIEW bill AS SELECT * FROM read_parquet('{folder}/parquet/*.parquet')")

    def largest(expression: str, where: str = "true") -> str:
        sql = f"SELECT {expression} FROM bill WHERE {where} GROUP BY 1 ORDER BY sum(BilledCost) DESC, 1 LIMIT 1"
        return connection.execute(sql).fetchone()[0]

    last = connection.execute("SELECT max(BillingPeriodStart) FROM bill").fetchone()[0]

    def month(back: int) -> str:
        number = last.year * 12 + last.month - 1 - back
        return date(number // 12, number % 12 + 1, 1).isoformat()

    account = largest("SubAccountId")
    team = "json_extract_string(Tags, '$.team')"
    values = {
        "$sub_account": account,
        "$service": largest("ServiceName"),
        "$tag:team": largest(team, f"SubAccountId = '{account}'"),
        "$month": {"from": month(0), "to": month(-1)},
        "$previous": {"from": month(1), "to": month(0)},
        "$quarter": {"from": month(2), "to": month(-1)},
        "$quarter_before": {"from": month(5), "to": month(2)},
    }

    def fill(item):
        if isinstance(item, dict):
            return {key: fill(value) for key, value in item.items()}
        if isinstance(item, list):
            return [fill(value) for value in item]
        return values.get(item, item) if isinstance(item, str) else item

    path = folder / "questions.json"
    path.write_text(json.dumps(fill(json.loads(Path(configuration["questions"]).read_text()))))
    return path


def quantile(times: list, share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def memory_bytes() -> int:
    return os.sysconf("SC_PHYS_PAGES") * PAGE_BYTES


def drilldowns(configuration: dict, folder: Path, rows: int, runs: int) -> dict:
    """The fixed questions by Quarterdeck, by DuckDB on the Parquet, and by Polars in memory."""
    questions = resolved(configuration, folder)
    engines = {
        "quarterdeck": [configuration["drilldown"], folder / "engagement", questions, runs],
        PEERS[0]: [sys.executable, HERE / "peers.py", "duckdb", folder, questions, min(runs, 5)],
        PEERS[1]: [sys.executable, HERE / "peers.py", "polars", folder, questions, min(runs, 5)],
    }
    if rows * POLARS_BYTES_PER_ROW > memory_bytes() * 3 // 4:
        del engines[PEERS[1]]
    found = {}
    for engine, command in engines.items():
        answer = json.loads(measured(command)["printed"])
        medians = [statistics.median(question["wall"]) for question in answer["questions"]]
        everything = [time for question in answer["questions"] for time in question["wall"]]
        found[engine] = {
            "p50_ms": quantile(everything, 0.5),
            "p95_ms": quantile(everything, 0.95),
            "sum_of_medians_ms": sum(medians),
            "cpu_ms": sum(statistics.median(question["cpu"]) for question in answer["questions"]),
            "peak_mb": answer["peak_mb"],
            "questions": answer["questions"],
        }
    compare_totals(found)
    return found


def peers_of(found: dict) -> list:
    return [peer for peer in PEERS if peer in found]


def compare_totals(found: dict) -> None:
    """Marks each question of each peer with `totals_agree`: as many rows and the same sums as Quarterdeck has, exactly where the peer is exact."""
    for engine in peers_of(found):
        for ours, theirs in zip(found["quarterdeck"]["questions"], found[engine]["questions"], strict=True):
            slack = 0 if theirs["exact"] else TOLERANCE
            pairs = [(Decimal(left), Decimal(right)) for left, right in zip(ours["sums"], theirs["sums"])]
            alike = all(abs(left - right) <= slack * abs(left) for left, right in pairs)
            shape = [(side["name"], side["rows"], len(side["sums"])) for side in (ours, theirs)]
            theirs["totals_agree"] = alike and shape[0] == shape[1]


def disagreements(rows: int, found: dict) -> list:
    """A line for each question that a peer answers with other rows or other sums."""
    return [
        f"{ours['name']!r} at {rows:,} charges: Quarterdeck has {ours['rows']} rows with {', '.join(ours['sums'])}; "
        f"{engine} has {theirs['rows']} rows with {', '.join(theirs['sums'])}"
        for engine in peers_of(found)
        for ours, theirs in zip(found["quarterdeck"]["questions"], found[engine]["questions"], strict=True)
        if not theirs["totals_agree"]
    ]


def table(title: str, head: list, lines: list) -> None:
    cells = [head, *[[f"{cell:,.1f}" if isinstance(cell, float) else str(cell) for cell in line] for line in lines]]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    print(f"\n{title}")
    for line in cells:
        print("  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(line, widths))))


def print_loads(rows: int, found: list) -> None:
    head = ["load", "s", "cpu s", "rows/s", "MB/s", "peak MB", "duckdb s", "cpu s", "peak MB", "ratio", "B/charge"]
    keys = ["form", "wall_s", "cpu_s", "rows_per_s", "mb_per_s", "peak_mb", "duckdb_wall_s", "duckdb_cpu_s", "duckdb_peak_mb", "ratio", "bytes_per_charge"]
    lines = [[f"{line['ratio']:.2f}x" if key == "ratio" else line[key] for key in keys] for line in found]
    table(f"Loading {rows:,} charges, and DuckDB's plain CREATE TABLE AS on the same files", head, lines)


def print_drilldowns(rows: int, found: dict) -> None:
    engines, lines = list(found), []
    for index, question in enumerate(found["quarterdeck"]["questions"]):
        agree = all(found[peer]["questions"][index]["totals_agree"] for peer in peers_of(found))
        times = [statistics.median(found[engine]["questions"][index]["wall"]) for engine in engines]
        lines.append([question["name"], *times, "yes" if agree else "NO"])
    for key in ["p50_ms", "p95_ms", "cpu_ms", "peak_mb"]:
        lines.append([key.replace("_", " "), *[found[engine][key] for engine in engines], ""])
    table(f"20 drilldowns at {rows:,} charges, median ms", ["question", *engines, "totals agree"], lines)


def main() -> None:
    configuration = json.loads(Path(sys.argv[1]).read_text())
    machine = {"date": date.today().isoformat(), "processor": platform.processor() or platform.machine(), "threads": threads()}
    result, differing = {"machine": machine, "sizes": []}, []
    for data in configuration["data"]:
        folder, rows = Path(data["folder"]), data["rows"]
        large = rows > 2_000_000
        loaded = loads(configuration, folder, rows, 1 if large else 3)
        print_loads(rows, loaded)
        drilled = drilldowns(configuration, folder, rows, 7 if large else 15)
        print_drilldowns(rows, drilled)
        differing += disagreements(rows, drilled)
        shown = window.measure(configuration["window"], folder / "engagement", rows, 5)
        table("The window", list(shown), [list(shown.values())])
        clicked = interactions.measure(configuration, folder / "engagement", data is configuration["data"][-1])
        head = ["interaction", "window p50", "p95", "chromium p50", "p95"]
        table(f"From a click to painted at {rows:,} charges, ms", head, interactions.lines(clicked))
        result["sizes"].append({"rows": rows, "loads": loaded, "drilldowns": drilled, "window": shown, "interactions": clicked})
    if configuration["formats"]:
        # It measures with this file, which is complete by now.
        import formats

        result["formats"] = formats.formats(configuration["formats"], 1)
        formats.print_formats(result["formats"])
        result["parts"] = formats.parts(configuration["formats"], 3)
        formats.print_parts(result["parts"])
    Path(configuration["out"]).write_text(json.dumps(result, indent=1) + "\n")
    print(f"\nThe figures lie in {configuration['out']}")
    if differing:
        raise SystemExit("\nTotals differ:\n" + "\n".join(differing))


if __name__ == "__main__":
    main()
