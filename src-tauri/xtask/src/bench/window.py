"""The real window under a screen of its own: from the start of its process to the first paint, and up to 100,000 rows over IPC."""

import json
import os
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

ROWS_MAX = 100_000
COLUMNS = [
    "charge_period_start",
    "provider",
    "sub_account_id",
    "service_name",
    "region_id",
    "resource_id",
    "charge_category",
    "charge_description",
    "consumed_quantity",
    "consumed_unit",
    "billed_cost",
    "effective_cost",
]
FIRST_PAINT = """
const done = arguments[0];
const tell = () => {
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  if (paint) done(performance.timeOrigin + paint.startTime); else requestAnimationFrame(tell);
};
tell();
"""
FETCH_ROWS = """
const [request, done] = arguments;
const began = performance.now();
window.__TAURI_INTERNALS__.invoke('rpc_bytes', request).then(
  (bytes) => done({ ms: performance.now() - began, bytes: bytes.byteLength }),
  (error) => done({ error: JSON.stringify(error) }));
"""


class Driver:
    """As much of WebDriver as is needed here."""

    def __init__(self, display: str):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {**os.environ, "DISPLAY": display, "TAURI_WEBVIEW_AUTOMATION": "true"}
        self.process = subprocess.Popen(["WebKitWebDriver", f"--port={self.port}"], env=environment, stdout=subprocess.DEVNULL)
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            time.sleep(0.01)

    def ask(self, method: str, path: str, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, {"content-type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=1800) as reply:
            return json.load(reply)["value"]

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()


def page_bytes() -> int:
    """What the processes that hold pages have written of their own; the code of libraries, which lies in files, is not counted."""
    total = 0
    for entry in os.listdir("/proc"):
        try:
            if not entry.isdigit() or "WebKitWebProcess" not in open(f"/proc/{entry}/cmdline").read():
                continue
            rollup = open(f"/proc/{entry}/smaps_rollup").read()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Private_Dirty"))
    return total


def interactions(program: str, engagement, script: str, rounds: int, minutes: float) -> dict:
    """Runs the interactions inside the real window; then goes on for a session and tells what the page has of its own."""
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    driver = Driver(f":{screen.stdout.readline().decode().strip()}")
    try:
        with tempfile.TemporaryDirectory() as data:
            options = {"binary": program, "args": ["--data", data, "--open", str(engagement)]}
            session = driver.ask("POST", "/session", {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}})
            path = f"/session/{session['sessionId']}"
            driver.ask("POST", f"{path}/timeouts", {"script": 1_800_000})
            driver.ask("POST", f"{path}/execute/async", {"script": FIRST_PAINT, "args": []})
            body = script + "\nconst [rounds, from, done] = arguments;\nglobalThis.interactions(rounds, from).then(done, (error) => done({ error: String(error) }));"

            def run(count: int, start: int) -> dict:
                told = driver.ask("POST", f"{path}/execute/async", {"script": body, "args": [count, start]})
                if "error" in told:
                    raise SystemExit(f"the interactions stopped: {told['error']}")
                return told

            found = run(rounds, 0)
            found["page_mb"] = most = page_bytes() / 1e6
            until, done = time.monotonic() + minutes * 60, rounds
            while time.monotonic() < until:
                run(5, done)
                done += 5
                most = max(most, page_bytes() / 1e6)
            found |= {"page_after_mb": page_bytes() / 1e6, "page_most_mb": most, "session_rounds": done - rounds}
            driver.ask("DELETE", path)
            return found
    finally:
        driver.end()
        screen.terminate()
        screen.wait()


def measure(program: str, engagement, charges: int, runs: int) -> dict:
    rows = min(charges, ROWS_MAX)
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    driver = Driver(f":{screen.stdout.readline().decode().strip()}")
    paints, fetches, size = [], [], 0
    try:
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as data:
                options = {"binary": program, "args": ["--data", data, "--open", str(engagement)]}
                began = time.time()
                session = driver.ask("POST", "/session", {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}})
                path = f"/session/{session['sessionId']}"
                painted = driver.ask("POST", f"{path}/execute/async", {"script": FIRST_PAINT, "args": []})
                paints.append(painted - began * 1000)
                payload = {"question": {}, "offset": 0, "limit": rows, "order": None, "columns": COLUMNS}
                fetched = driver.ask("POST", f"{path}/execute/async", {"script": FETCH_ROWS, "args": [{"cmd": "rows", "payload": payload}]})
                if "error" in fetched:
                    raise SystemExit(f"the rows did not come: {fetched['error']}")
                fetches.append(fetched["ms"])
                size = fetched["bytes"]
                driver.ask("DELETE", path)
    finally:
        driver.end()
        screen.terminate()
        screen.wait()
    return {
        "first_paint_ms": statistics.median(paints),
        "rows_over_ipc": rows,
        "rows_over_ipc_ms": statistics.median(fetches),
        "rows_over_ipc_mb": size / 1e6,
    }
