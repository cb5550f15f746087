/** Coverage by parts, as a list and as figures that leave the page. */
import type { CommitmentCoverage } from "../bindings/CommitmentCoverage";
import type { CommitmentCoveragePart } from "../bindings/CommitmentCoveragePart";
import { compare, subtract } from "../format/decimal";
import { messages } from "../messages";
import type { DataTable } from "../table/table";

const words = messages.commit.coverage;

/** The parts with most that could be covered first; equal ones by their name, what has none last. */
export function byCost(parts: readonly CommitmentCoveragePart[]): CommitmentCoveragePart[] {
  return [...parts].sort(
    (left, right) =>
      compare(right.coverable, left.coverable) ||
      Number(left.key === null) - Number(right.key === null) ||
      (left.key ?? "").localeCompare(right.key ?? ""),
  );
}

export function partsTable(
  reply: CommitmentCoverage,
  label: string,
  rows: readonly CommitmentCoveragePart[],
): DataTable {
  const money = (name: string) => ({ name: `${name}, ${reply.currency}`, figure: true });
  return {
    title: words.byName(label),
    about: reply.evidence.map((one) => one.scope),
    columns: [
      { name: label, figure: false },
      money(words.coverable),
      money(words.covered),
      money(words.open),
      { name: words.coverage, figure: true },
      { name: words.utilisation, figure: true },
      money(words.unused),
    ],
    rows: rows.map((part) => [
      part.key,
      part.coverable,
      part.covered,
      subtract(part.coverable, part.covered),
      part.coverage,
      part.utilisation,
      part.unused,
    ]),
  };
}
