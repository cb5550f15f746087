import { describe, expect, test } from "vitest";

import { ApiError } from "../backend/errors";
import type { JobStatus, LoadReport } from "../backend/commands";
import type { Job } from "./jobs.svelte";
import { hasDetails, jobText, leftOut, passedOver } from "./jobText";

const REPORT: LoadReport = {
  loads: [],
  files: 1,
  rejected_rows: 0,
  refused_values: 0,
  skipped: [],
  notes: [],
  failed: [],
  held_back: [],
  datasets: [],
};

function done(report: Partial<LoadReport>): Job {
  const status: JobStatus = {
    job: "1",
    state: "done",
    phase: "",
    file: null,
    files_done: 1,
    files_total: 1,
    bytes_done: 10,
    bytes_total: 10,
    rows: 0,
    result: { ...REPORT, ...report },
    error: null,
  };
  return { id: "1", kind: "load", title: "Load", startedAt: 0, elapsedMs: 1000, status, error: null };
}

describe("a load that is over tells", () => {
  test("nothing but its rows and its time where all is well", () => {
    expect(jobText(done({}))).not.toContain(" · ");
  });

  test("the rows it rejected and the values it refused, each on its own", () => {
    expect(jobText(done({ rejected_rows: 1200 }))).toContain("1,200 rows rejected");
    const text = jobText(done({ rejected_rows: 1, refused_values: 2 }));
    expect(text, "a row that is lost and a value that is lost are not the same").toMatch(
      /1 row rejected · 2 values refused in rows that count/,
    );
    expect(jobText(done({ refused_values: 1 }))).toMatch(/1 value refused/);
  });

  test("whether anything was left out", () => {
    expect(leftOut(done({ notes: ["Read as ISO dates"] }))).toBe(false);
    expect(leftOut(done({ rejected_rows: 1 }))).toBe(true);
    expect(leftOut(done({ refused_values: 1 }))).toBe(true);
    expect(leftOut(done({ skipped: [{ file: "a.txt", reason: "no bill" }] }))).toBe(true);
    expect(leftOut({ ...done({ refused_values: 1 }), status: null }), "not over yet").toBe(false);
  });

  test("its notes, and the files it passed over with the reason", () => {
    const text = jobText(
      done({ notes: ["Read as ISO dates"], skipped: [{ file: "a.txt", reason: "no bill" }] }),
    );
    expect(text).toMatch(/ · a\.txt: no bill · Read as ISO dates$/);
  });

  test("how many files it passed over where they are several, and each of them on request", () => {
    const job = done({
      skipped: [
        { file: "/b/readme.md", reason: "no bill" },
        { file: "/b/copy.csv", reason: "the same content as /b/a.csv" },
      ],
      failed: [{ file: "/b/torn.csv", problem: "row 7 is cut short", hint: "Export it anew" }],
    });
    expect(jobText(job)).toContain("3 files were passed over");
    expect(passedOver(job).map(({ file, path }) => [file, path])).toEqual([
      ["/b/torn.csv", "/b/torn.csv"],
      ["/b/readme.md", null],
      ["/b/copy.csv", null],
    ]);
    expect(jobText(job)).toContain("Nothing was loaded");
    expect(hasDetails(job)).toBe(true);
    expect(hasDetails(done({}))).toBe(false);
  });

  test("which file made it fail, so that it can be mapped by hand; a member of an archive cannot", () => {
    const failed = (details: unknown): Job => ({
      ...done({}),
      error: new ApiError("file", "not recognised", "Map it", details),
    });
    expect(passedOver(failed({ file: "/b/ledger.csv" }))).toEqual([
      { file: "/b/ledger.csv", reason: "not recognised", hint: "Map it", path: "/b/ledger.csv" },
    ]);
    const named = {
      ...failed({ file: "/b/a.csv" }),
      error: new ApiError("file", "/b/a.csv: row 7", "", { file: "/b/a.csv" }),
    };
    expect(jobText(named), "what stands beside it names the file").toBe("row 7");
    expect(passedOver(failed({ file: "/b/all.zip!ledger.csv" }))[0]?.path).toBeNull();
    expect(passedOver(failed(["C:\\b\\a.csv: empty"]))[0]).toMatchObject({
      file: "C:\\b\\a.csv",
      reason: "empty",
    });
    expect(passedOver(failed(null))).toEqual([]);
  });
});

test("work that has just begun, goes on, or was cancelled says so", () => {
  const job = done({});
  expect(jobText({ ...job, status: null })).toBe("Starting");
  // One of three files in a second: two to go.
  const running: JobStatus = {
    ...(job.status as JobStatus),
    state: "running",
    phase: "Reading",
    files_total: 3,
    bytes_total: 0,
    result: null,
  };
  expect(jobText({ ...job, status: running })).toBe("Reading · file 1 of 3 · 2.0\u00a0s left");
  expect(jobText({ ...job, status: { ...running, state: "cancelled" } })).toBe(
    "Cancelled, nothing was changed",
  );
});
