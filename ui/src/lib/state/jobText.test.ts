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
    expect(leftOut(done({ skipped: [{ file: "a.txt", code: "no_table", reason: "no bill" }] }))).toBe(true);
    expect(leftOut({ ...done({ refused_values: 1 }), status: null }), "not over yet").toBe(false);
  });

  test("its notes, and the files it passed over with the reason", () => {
    const text = jobText(
      done({
        notes: ["Read as ISO dates"],
        skipped: [{ file: "a.txt", code: "no_table", reason: "no bill" }],
      }),
    );
    expect(text).toMatch(/ · a\.txt: no bill · Read as ISO dates$/);
  });

  test("a dataset beside the charges, without loads of charges that are none", () => {
    const dataset: LoadReport["datasets"][number] = {
      id: 1,
      dataset: "contract_commitment",
      title: "FOCUS Contract Commitment",
      provider: "AWS",
      billing_account: null,
      billing_period: null,
      format_version: "1.4",
      files: [],
      rows: 348,
      rejected: 0,
      rounded: [],
      loaded_at: "2026-11-22 00:00:00",
      state: "current",
      superseded_by: null,
      manifests: [],
    };
    expect(jobText(done({ datasets: [dataset] }))).toBe("FOCUS Contract Commitment: 348 rows");
    const issuers = [
      { ...dataset, rows: 3 },
      { ...dataset, rows: 2, provider: "Microsoft" },
    ];
    const period = { ...dataset, title: "FOCUS Billing Period", rows: 1 };
    expect(jobText(done({ datasets: [...issuers, period] }))).toBe(
      "FOCUS Contract Commitment: 5 rows · FOCUS Billing Period: 1 row",
    );
  });

  test("a file by its name: the folders above it are for the details", () => {
    const notes = ["/b/c/a.csv: Read as ISO dates", "C:\\b\\d.csv: No list cost", "AWS 2026-01: late"];
    expect(jobText(done({ notes }))).toMatch(
      / · a\.csv: Read as ISO dates · d\.csv: No list cost · AWS 2026-01: late$/,
    );
  });

  test("how many files it passed over where they are several, and each of them on request", () => {
    const job = done({
      skipped: [
        { file: "/b/readme.csv", code: "no_table", reason: "no bill" },
        { file: "/b/copy.csv", code: "same_content", reason: "the same content as /b/a.csv" },
        { file: "/b/ledger", code: "not_recognised", reason: "no known format" },
      ],
      failed: [
        { file: "/b/torn.csv", code: "faulty_table", problem: "row 7 is cut short", hint: "Export it anew" },
      ],
    });
    expect(jobText(job)).toContain("4 files were passed over");
    expect(
      passedOver(job).map(({ file, path }) => [file, path]),
      "the engine's word counts, not what a file is called",
    ).toEqual([
      ["/b/torn.csv", "/b/torn.csv"],
      ["/b/readme.csv", null],
      ["/b/copy.csv", null],
      ["/b/ledger", "/b/ledger"],
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
    const ledger = { file: "/b/ledger.csv", code: "not_recognised" };
    expect(passedOver(failed(ledger))).toEqual([
      { file: "/b/ledger.csv", reason: "not recognised", hint: "Map it", path: "/b/ledger.csv" },
    ]);
    const named = { ...failed(ledger), error: new ApiError("file", "/b/ledger.csv: row 7", "", ledger) };
    expect(jobText(named), "what stands beside it names the file").toBe("row 7");
    expect(passedOver(failed({ file: "/b/all.zip!ledger.csv", code: "faulty" }))[0]?.path).toBeNull();
    const empty = { file: "C:\\b\\a.csv", code: "no_table", reason: "the file is empty" };
    expect(passedOver(failed([empty]))).toEqual([
      { file: "C:\\b\\a.csv", reason: "the file is empty", hint: "", path: null },
    ]);
    expect(jobText(failed([empty])), "why a single file was passed over").toBe("the file is empty");
    expect(jobText(failed([empty, empty])), "each reason stands in the details").toBe("not recognised");
    expect(passedOver(failed([7, "text"])), "what is not understood is left out").toEqual([]);
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
