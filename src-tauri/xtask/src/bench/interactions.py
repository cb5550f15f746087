"""From a click to what it leads to, painted: in the real window and in Chromium, on the same engagement."""

import json
import os
import statistics
import subprocess
from pathlib import Path

import window

HERE = Path(__file__).parent
ROUNDS = 25
# A frame that takes longer is seen as a jerk.
JERK_MS = 50


def quantile(times: list, share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def summed_up(found: dict) -> dict:
    frames = found["frames"]
    every = [time for times in found["times"].values() for time in times]
    kinds = {kind: {"p50_ms": statistics.median(times), "p95_ms": quantile(times, 0.95)} for kind, times in found["times"].items()}
    kinds["all"] = {"p50_ms": statistics.median(every), "p95_ms": quantile(every, 0.95)}
    scroll = {"frames": len(frames), "jerks": sum(frame > JERK_MS for frame in frames), "longest_ms": max(frames)}
    return {"kinds": kinds, "scroll": scroll}


def measure(configuration: dict, engagement: Path, session: bool) -> dict:
    """`session`: whether the page's memory after half an hour is measured, too."""
    minutes = os.environ.get("QUARTERDECK_BENCH_SESSION_MINUTES", "30") if session else "0"
    command = ["node", HERE / "chromium.mjs", HERE, configuration["ui"], configuration["bridge"], engagement, ROUNDS, minutes]
    told = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True)
    chromium = json.loads(told.stdout)
    script = (HERE / "interactions.js").read_text()
    real = window.interactions(configuration["window"], engagement, script, ROUNDS, float(minutes))
    memory = {key: chromium[key] for key in ["heap_before_mb", "heap_after_mb", "session_minutes", "session_rounds"]}
    pages = {key: real[key] for key in ["page_mb", "page_after_mb", "page_most_mb", "session_rounds"]}
    return {"chromium": {**summed_up(chromium), **memory}, "window": {**summed_up(real), **pages}}


def lines(found: dict) -> list:
    sides = [found["window"], found["chromium"]]
    rows = [[kind, *[side["kinds"][kind][key] for side in sides for key in ["p50_ms", "p95_ms"]]] for kind in sides[0]["kinds"]]
    rows.append([f"scrolling: frames over {JERK_MS} ms", *[side["scroll"][key] for side in sides for key in ["jerks", "longest_ms"]]])
    real, chromium = found["window"], found["chromium"]
    rows.append([f"page MB, and after {chromium['session_minutes']} min", real["page_mb"], real["page_after_mb"], chromium["heap_before_mb"], chromium["heap_after_mb"]])
    rows.append(["page MB, the most in that time", real["page_most_mb"], "", "", ""])
    return rows
