/** A check's report, put in the order in which it is read: the score by component, the findings by what is asked of them. */
import type { Finding, FlagInForce, ScorePart } from "../backend/commands";
import { sum } from "../format/decimal";

/** The parts of the score and the points that each can take, as the engine's formula has them. */
export const COMPONENTS = { charges: 75, days: 10, rows: 10, columns: 5 } as const;
export type ComponentName = keyof typeof COMPONENTS;
export const COMPONENT_NAMES = Object.keys(COMPONENTS) as ComponentName[];

/** One component of the score: the points that it took, and the lines that they come from. */
export interface Component {
  readonly name: ComponentName;
  readonly most: number;
  /** Exact decimal text. */
  readonly lost: string;
  readonly lines: readonly ScorePart[];
}

export function components(parts: readonly ScorePart[]): Component[] {
  return COMPONENT_NAMES.map((name) => {
    const lines = parts.filter((part) => part.component === name);
    return { name, most: COMPONENTS[name], lost: sum(lines.map((line) => line.lost)), lines };
  });
}

export const SEVERITIES = ["error", "warning", "notice"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What of the findings is shown; null is all. */
export interface FindingFilter {
  readonly severity: string | null;
  readonly origin: string | null;
  readonly provider: string | null;
}

export const ALL_FINDINGS: FindingFilter = { severity: null, origin: null, provider: null };

export function wanted(findings: readonly Finding[], filter: FindingFilter): Finding[] {
  return findings.filter(
    (finding) =>
      (filter.severity === null || finding.severity === filter.severity) &&
      (filter.origin === null || finding.origin === filter.origin) &&
      (filter.provider === null || finding.scopes.some((scope) => scope.provider === filter.provider)),
  );
}

/**
 * The findings in the order in which they are read: the gravest first, and of one severity those about charges before those
 * about what an export lacks, of which there are many.
 */
export function ordered(findings: readonly Finding[]): Finding[] {
  const rank = (finding: Finding) => {
    const severity = (SEVERITIES as readonly string[]).indexOf(finding.severity);
    return (severity < 0 ? SEVERITIES.length : severity) * 2 + Number(finding.counted === "loads");
  };
  return [...findings].sort((left, right) => rank(left) - rank(right));
}

/** How many findings there are of each severity, whatever severity is asked for. */
export function bySeverity(findings: readonly Finding[], filter: FindingFilter): Record<string, number> {
  const rest = wanted(findings, { ...filter, severity: null });
  return Object.fromEntries(
    SEVERITIES.map((severity) => [severity, rest.filter((finding) => finding.severity === severity).length]),
  );
}

export function providersOf(findings: readonly Finding[]): string[] {
  const found = findings.flatMap((finding) => finding.scopes.map((scope) => scope.provider));
  return [...new Set(found)].sort();
}

/** The flags as a table: a row a flag, a column a provider. */
export interface FlagTable {
  readonly providers: readonly string[];
  readonly rows: readonly {
    readonly flag: string;
    readonly says: string;
    /** By provider, in the order of `providers`. */
    readonly cells: readonly (FlagInForce | null)[];
  }[];
}

export function flagTable(flags: readonly FlagInForce[]): FlagTable {
  const providers = [...new Set(flags.map((flag) => flag.provider))].sort();
  const names = [...new Set(flags.map((flag) => flag.flag))];
  return {
    providers,
    rows: names.map((name) => {
      const of = flags.filter((flag) => flag.flag === name);
      return {
        flag: name,
        says: of[0]?.says ?? "",
        cells: providers.map((provider) => of.find((flag) => flag.provider === provider) ?? null),
      };
    }),
  };
}

/** The setting of a flag, as the engine names it. */
export const flagKey = ({ provider, flag }: FlagInForce) => `${provider}:${flag}`;
