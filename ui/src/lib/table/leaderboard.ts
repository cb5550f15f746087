/** A leaderboard as a table, its figures exact: each row with its name and its id, and the total at the end. */
import type { Answer } from "../bindings/Answer";
import type { Cell } from "../bindings/Cell";
import type { Row } from "../bindings/Row";
import { share } from "../format/decimal";
import { messages } from "../messages";
import { planName } from "../question/comparison";
import { addsUp } from "../question/measures";
import type { DataTable } from "./table";

export interface LeaderboardWords {
  /** What the dimension is called. */
  readonly label: string;
  /** What the figures are in. */
  readonly unit: string;
  readonly naming: (row: Row) => string;
  /** Whether there are loaded days to compare with. */
  readonly changes: boolean;
  readonly about: readonly string[];
}

export function leaderboardTable(answer: Answer, words: LeaderboardWords): DataTable {
  const { explore, evidence } = messages;
  const title = answer.measures[0]?.label ?? explore.value;
  const compared = answer.compared_with !== null;
  const total = addsUp(answer.measures[0]) ? (answer.total[0]?.value ?? null) : null;
  const figures = (cell: Cell | undefined): (string | null)[] => [
    cell?.value ?? null,
    share(cell?.value ?? null, total),
    ...(compared
      ? [
          cell?.previous ?? null,
          words.changes ? (cell?.change ?? null) : null,
          words.changes ? (cell?.change_ratio ?? null) : null,
        ]
      : []),
  ];
  const heads = [
    `${title}, ${words.unit}`,
    explore.share,
    ...(compared
      ? [answer.against ? planName(answer.against.plan) : explore.previous, explore.change, explore.changeOf]
      : []),
  ];
  return {
    title: `${title} ${words.label}`,
    about: [...words.about, `${evidence.id} ${answer.evidence.id}`],
    columns: [
      { name: words.label, figure: false },
      { name: explore.id, figure: false },
      ...heads.map((name) => ({ name, figure: true })),
    ],
    rows: [
      ...answer.rows.map((row) => [
        words.naming(row),
        row.role === "group" ? (row.keys[0] ?? null) : null,
        ...figures(row.cells[0]),
      ]),
      [messages.total, null, ...figures(answer.total[0])],
    ],
  };
}
