/** What a cell offers while it is typed into. */
import { messages } from "../messages";
import { completed, spotAt } from "./clauses";
import {
  type Cells,
  type Column,
  kindOf,
  mainFigure,
  mainFigures,
  namedField,
  settingFields,
  type Tongue,
} from "./columns";

export interface Suggestion {
  readonly value: string;
  readonly label: string;
  /** What it is, beside it. */
  readonly hint: string;
  /** Whether a value follows it. */
  readonly valued: boolean;
}

/** What is wanted for the place that is typed at: a list that is known, or the values of a dimension. */
export type Wanted =
  | { readonly kind: "list"; readonly typed: string; readonly list: readonly Suggestion[] }
  | { readonly kind: "values"; readonly typed: string; readonly dimension: string };

const words = messages.scenarios.cells;
const CLAUSED: ReadonlySet<Column> = new Set(["where", "at", "settings"]);

/** Whether a cell has parts, each of which is completed for itself. */
export const isClaused = (column: Column): boolean => CLAUSED.has(column);

const plain = (value: string, hint = "", label = value): Suggestion => ({
  value,
  label,
  hint,
  valued: false,
});
const named = (value: string, hint = ""): Suggestion => ({ value, label: value, hint, valued: true });

export function wantedAt(
  column: Column,
  cells: Cells,
  text: string,
  caret: number,
  about: { tongue: Tongue; dimensions: readonly string[]; owners: readonly string[] },
): Wanted | null {
  const { tongue } = about;
  const kind = kindOf(tongue, cells.kind);
  const list = (typed: string, found: readonly Suggestion[]): Wanted => ({
    kind: "list",
    typed,
    list: matching(found, typed),
  });
  switch (column) {
    case "kind":
      return list(
        text,
        tongue.kinds.map(({ label, what }) => plain(label, what)),
      );
    case "figure":
      return kind
        ? list(
            text,
            mainFigures(kind).map(({ label, what }) => plain(label, what)),
          )
        : null;
    case "owner":
      return list(
        text,
        about.owners.map((owner) => plain(owner)),
      );
    case "where":
    case "at": {
      const spot = spotAt(text, caret);
      if (spot.name !== null) {
        const dimension = tongue.dimension(spot.name);
        return dimension === null ? null : { kind: "values", typed: spot.typed, dimension };
      }
      const alone =
        column === "where"
          ? text.trim() === spot.typed
            ? [plain(words.everything)]
            : []
          : [plain(words.new)];
      return list(spot.typed, [...about.dimensions.map((name) => named(tongue.label(name))), ...alone]);
    }
    case "settings": {
      if (!kind) return null;
      const spot = spotAt(text, caret);
      const fields = settingFields(kind, mainFigure(kind, cells.figure));
      if (spot.name === null)
        return list(
          spot.typed,
          fields.map(({ label, what }) => named(label, what)),
        );
      const field = namedField(fields, spot.name);
      if (field?.input === "choice")
        return list(
          spot.typed,
          field.choices.map(({ label }) => plain(label)),
        );
      if (field?.input === "boolean") return list(spot.typed, [plain(words.yes), plain(words.no)]);
      const known = field && tongue.known?.[field.key];
      if (known && known.length > 0)
        return list(
          spot.typed,
          known.map((one) => plain(one)),
        );
      return null;
    }
    default:
      return null;
  }
}

/** Those that begin with what is typed, then those that have it in them. */
export function matching(list: readonly Suggestion[], typed: string): Suggestion[] {
  const wanted = typed.trim().toLowerCase();
  const rank = ({ label, value }: Suggestion) => {
    const text = label.toLowerCase();
    return text.startsWith(wanted) || value.toLowerCase().startsWith(wanted)
      ? 0
      : text.includes(wanted)
        ? 1
        : 2;
  };
  return list.filter((one) => rank(one) < 2).toSorted((left, right) => rank(left) - rank(right));
}

/** The text with a suggestion taken, and where the caret is then. */
export function taken(
  column: Column,
  text: string,
  caret: number,
  suggestion: Suggestion,
): { text: string; caret: number } {
  if (!isClaused(column)) return { text: suggestion.value, caret: suggestion.value.length };
  return completed(text, spotAt(text, caret), suggestion.value, suggestion.valued);
}
