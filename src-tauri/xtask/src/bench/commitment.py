"""Commitments: times and memory of the program beside plain methods, in one run.

Called with the program, the linear programme of the small joint case, and the file for the figures. The plain methods: the best of ten evenly spaced
commitments, each tried hour by hour (what a console's recommendation looks like from outside), written in the same language on the same data; and the
small joint case as one linear programme, solved by scipy's HiGHS.
"""

import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

# One core for both.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

MEASURED = [
    ("curve", 7, "optimum and whole curve, 8,760 hours of 200 families", 50.0),
    ("ten", 3, "plain: the best of ten commitments, hour by hour", None),
    ("families", 7, "200 optima and curves, one for each family", None),
    ("replay", 7, "a year of 200 families under 50 commitments", 500.0),
    ("slider", 9, "a slider's step on that", 100.0),
    ("portfolio", 1, "20 instruments over 200 paths of a year of hours", 10_000.0),
    ("small", 5, "a small joint case: 3 plans, 6 paths, 36 hours", None),
]


def measured(program, which, times):
    output = subprocess.run([program, which, str(times)], capture_output=True, text=True, check=True).stdout
    runs = [json.loads(line) for line in output.splitlines()]
    best = min(run["microseconds"] for run in runs)
    return {"milliseconds": best / 1000.0, "peak_mb": max(run["peak_kb"] or 0 for run in runs) / 1024.0, "result": runs[-1]["result"]}


def solved(programme, problem):
    """The objective of scipy, and its time without that of starting Python."""
    text = json.dumps(problem)
    idle = time.perf_counter()
    subprocess.run([sys.executable, "-c", "from scipy.optimize import linprog; from scipy.sparse import csr_matrix"], check=True)
    idle = time.perf_counter() - idle
    start = time.perf_counter()
    output = subprocess.run([sys.executable, programme], input=text, capture_output=True, text=True, check=True).stdout
    return {"milliseconds": max(time.perf_counter() - start - idle, 0.0) * 1000.0, "objective": json.loads(output)["objective"]}


def main():
    program, programme, out = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    found, late = {}, []
    print(f"{'what':<58} {'ms':>10} {'limit':>8} {'peak MB':>8}")
    for which, times, words, limit in MEASURED:
        figures = found[which] = measured(program, which, times)
        shown = f"{limit:,.0f}" if limit else ""
        print(f"{words:<58} {figures['milliseconds']:>10,.1f} {shown:>8} {figures['peak_mb']:>8,.0f}")
        if limit and figures["milliseconds"] > limit:
            late.append(words)
    exact, ten = float(found["curve"]["result"]["savings"]), float(found["ten"]["result"]["savings"])
    print(f"the best of ten saves {ten:,.2f}, the optimum {exact:,.2f}: {100 * (exact - ten) / exact:.2f} % are lost")
    portfolio = found["portfolio"]["result"]
    print(f"the portfolio's gap is {100 * float(portfolio['gap']):.3f} %, {portfolio['bought']} purchases")
    small = found["small"]["result"]
    peer = found["scipy"] = {"version": version("scipy"), **solved(programme, small.pop("problem"))}
    print(
        f"the small joint case: {float(small['objective']):,.6f} in {found['small']['milliseconds']:,.1f} ms, "
        f"scipy {peer['version']} {peer['objective']:,.6f} in {peer['milliseconds']:,.0f} ms"
    )
    found["machine"] = {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()}
    out.write_text(json.dumps(found, indent=1) + "\n")
    if late:
        print("above its limit: " + "; ".join(late))


main()
