import { describe, expect, test, vi } from "vitest";

import type { Backend } from "../backend";
import type { JobStatus } from "../backend/commands";
import { JobRun } from "./jobRun.svelte";

const RUNNING: JobStatus = {
  job: "7",
  state: "running",
  result: null,
  error: null,
  phase: "Pricing",
  file: null,
  files_done: 3,
  files_total: 12,
  bytes_done: 0,
  bytes_total: 0,
  rows: 0,
};

/** An engine whose jobs tell what the test says, one status a question, the last for good. */
function engine(statuses: readonly JobStatus[]) {
  const cancelled: string[] = [];
  let at = 0;
  const rpc = (name: string, request: { job: string }) => {
    if (name === "job_cancel") cancelled.push(request.job);
    const status = statuses[Math.min(at, statuses.length - 1)];
    if (name === "job_status") at += 1;
    return Promise.resolve(name === "job_status" ? status : {});
  };
  return { backend: { rpc } as unknown as Backend, cancelled };
}

const start = () => Promise.resolve({ job: "7" });

describe("long work with a result", () => {
  test("tells how far it is, and its result once it is done", async () => {
    vi.useFakeTimers();
    const { backend } = engine([RUNNING, { ...RUNNING, state: "done", result: "mix" }]);
    const run = new JobRun<string>(backend);
    const ended = run.run(start);
    await vi.advanceTimersByTimeAsync(0);
    expect(run.status?.files_done, "the phase is told while it runs").toBe(3);
    await vi.runAllTimersAsync();
    expect(await ended).toBe(true);
    expect([run.value, run.running]).toEqual(["mix", false]);
    vi.useRealTimers();
  });

  test("is stopped in the engine as well, and what it gave before stays", async () => {
    vi.useFakeTimers();
    const { backend, cancelled } = engine([{ ...RUNNING, state: "done", result: "first" }, RUNNING]);
    const run = new JobRun<string>(backend);
    await run.run(start);
    const second = run.run(start);
    await vi.advanceTimersByTimeAsync(0);
    run.cancel();
    await vi.runAllTimersAsync();
    expect(await second).toBe(false);
    expect(cancelled).toEqual(["7"]);
    expect([run.value, run.error?.cancelled, run.running]).toEqual(["first", true, false]);
    vi.useRealTimers();
  });

  test("what the engine refuses is an error with its hint", async () => {
    const error = { code: "portfolio", message: "no mix covers 90 %", hint: "Lower it.", details: null };
    const { backend } = engine([{ ...RUNNING, state: "failed", error }]);
    const run = new JobRun<string>(backend);
    expect(await run.run(start)).toBe(false);
    expect(run.error?.message).toBe("no mix covers 90 %");
  });
});
