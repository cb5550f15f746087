/** What a piece of long work says of itself, while it goes on and when it is over. */
import type { ApiError } from "../backend";
import type { FileCode, LoadReport } from "../backend/commands";
import { format } from "../format";
import { messages } from "../messages";
import { type Job, loadReport, millisecondsLeft, packFiles, rowsPerSecond } from "./jobs.svelte";

const words = messages.jobs;

export function jobText(job: Job): string {
  if (job.error) {
    // What to do about it stands in the details where there are any.
    if (!hasDetails(job)) return [job.error.message, job.error.hint].filter(Boolean).join(". ");
    const [only, ...others] = passedOver(job);
    return only && others.length === 0 ? only.reason : withoutPath(job.error);
  }
  const status = job.status;
  if (!status) return words.starting;
  if (status.state === "cancelled") return words.cancelled;
  if (status.state !== "done") return progressText(job);
  const report = loadReport(job);
  if (report) return loadText(job, report);
  return packFiles(job).length > 0 ? words.ready : words.done;
}

/** Whether a load is over but left something out: it is done, and asks to be looked at. */
export function leftOut(job: Job): boolean {
  const report = loadReport(job);
  return report !== null && report.rejected_rows + report.refused_values + passedOver(job).length > 0;
}

/** Whether a load that is over has more to say than its line has room for. */
export function hasDetails(job: Job): boolean {
  const report = loadReport(job);
  return passedOver(job).length > 0 || (report !== null && report.notes.length + report.held_back.length > 0);
}

/** A file that a load passed over, or that made it fail. */
export interface PassedOver {
  readonly file: string;
  readonly reason: string;
  readonly hint: string;
  /** Where it lies, if a mapping made by hand may help it. */
  readonly path: string | null;
}

/** What of the chosen files was not loaded, those that should have been first. */
export function passedOver(job: Job): PassedOver[] {
  if (job.kind !== "load") return [];
  const { error } = job;
  if (error) {
    const own = fileOf(error.details);
    const listed = Array.isArray(error.details) ? error.details.map(fileOf) : [];
    return [
      ...(own === null ? [] : [passed(own.file, own.code, withoutPath(error), error.hint ?? "")]),
      ...listed.filter((one) => one !== null).map(({ file, code, reason }) => passed(file, code, reason, "")),
    ];
  }
  const report = loadReport(job);
  if (!report) return [];
  return [
    ...report.failed.map(({ file, code, problem, hint }) => passed(file, code, problem, hint)),
    ...report.skipped.map(({ file, code, reason }) => passed(file, code, reason, "")),
  ];
}

/** Files with rows and columns, which a mapping can be written for. */
const MAPPABLE: readonly string[] = ["not_recognised", "faulty_table"] satisfies FileCode[];

function passed(file: string, code: string, reason: string, hint: string): PassedOver {
  return { file, reason, hint, path: MAPPABLE.includes(code) ? file : null };
}

/** The message without the file's path before it: what stands beside it names the file. */
function withoutPath(error: ApiError): string {
  const own = fileOf(error.details);
  const lead = `${own?.file}: `;
  return own !== null && error.message.startsWith(lead) ? error.message.slice(lead.length) : error.message;
}

/** The file that an error's details are about. */
function fileOf(details: unknown): { file: string; code: string; reason: string } | null {
  const text = (key: string) => {
    const value = typeof details === "object" && details !== null ? Reflect.get(details, key) : null;
    return typeof value === "string" ? value : null;
  };
  const file = text("file");
  return file === null ? null : { file, code: text("code") ?? "", reason: text("reason") ?? "" };
}

/** What was loaded, and then whatever of it asks to be looked at. */
function loadText(job: Job, report: LoadReport): string {
  const rows = report.loads.reduce((sum, load) => sum + load.rows, 0);
  const { rejected_rows: rejected, refused_values: refused } = report;
  const passed = passedOver(job);
  const [only] = passed;
  return joined([
    report.loads.length > 0
      ? words.loaded(rows, format.count(rows), report.loads.length, format.duration(job.elapsedMs))
      : "",
    report.loads.length + report.datasets.length > 0 ? "" : messages.sources.results.nothing,
    ...datasetTexts(report),
    rejected > 0 ? words.rejected(rejected, format.count(rejected)) : "",
    refused > 0 ? words.refused(refused, format.count(refused)) : "",
    ...(passed.length === 1 && only
      ? [byName(messages.sources.skipped(only.file, only.reason))]
      : [passed.length > 0 ? words.passedOver(passed.length, format.count(passed.length)) : ""]),
    ...report.held_back.map((bill) => words.heldBack(bill.provider, bill.billing_period)),
    ...report.notes.map(byName),
  ]);
}

/** The rows of each dataset beside the charges, whatever accounts and periods they are of. */
function datasetTexts(report: LoadReport): string[] {
  const titles = [...new Set(report.datasets.map((dataset) => dataset.title))];
  return titles.map((title) => {
    const some = report.datasets.filter((dataset) => dataset.title === title);
    const rows = some.reduce((sum, dataset) => sum + dataset.rows, 0);
    return words.dataset(title, rows, format.count(rows));
  });
}

/** A path from the root at the head of a message, up to the file's name. */
const FOLDERS = /^(?:\/|[A-Za-z]:[\\/])[^:]*[\\/](?=[^\\/:]+: )/;

/** The message with the file's name only: one line has no room for its folders, the details have. */
const byName = (message: string) => message.replace(FOLDERS, "");

function progressText(job: Job): string {
  const { status } = job;
  if (!status) return "";
  const rate = rowsPerSecond(job);
  const left = millisecondsLeft(job);
  return joined([
    status.phase,
    status.files_total > 1 ? words.files(status.files_done, status.files_total) : "",
    status.rows > 0 ? words.rows(format.count(status.rows)) : "",
    rate === null ? "" : words.rate(format.count(Math.round(rate))),
    status.bytes_total > 0 ? `${format.bytes(status.bytes_done)} / ${format.bytes(status.bytes_total)}` : "",
    left === null ? "" : words.left(format.duration(left)),
  ]);
}

const joined = (parts: readonly string[]) => parts.filter((part) => part !== "").join(" · ");
