/** Charges out of an Arrow IPC stream, cell by cell as exact text. */
import { tableFromIPC, Type } from "@uwdata/flechette";

import { decimals, fromScaled } from "../format/decimal";

export type ColumnKind = "decimal" | "integer" | "float" | "moment" | "text";

export interface ChargeColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** A window of rows. Nothing is decoded before it is asked for. */
export interface ChargePage {
  readonly columns: readonly ChargeColumn[];
  readonly length: number;
  /** A cell as plain text with every digit; null where the charge has no value. */
  text(column: number, row: number): string | null;
  /** The most digits that a figure of a column has behind its point; 0 where it has no figures. */
  decimals(column: number): number;
}

/** Milliseconds since 1970 in UTC as `2018-10-03T14:00:00Z`. */
function moment(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}

export function readChargePage(bytes: Uint8Array): ChargePage {
  // No rows at all come as no bytes.
  if (bytes.length === 0) return { columns: [], length: 0, text: () => null, decimals: () => 0 };
  // Decimals as scaled integers and 64-bit integers as themselves: the default would make floats of both.
  const table = tableFromIPC(bytes, { useDecimalInt: true, useBigInt: true });
  const decoders = table.schema.fields.map((field) => decoder(field.type as ArrowType));
  const children = table.schema.fields.map((_, index) => table.getChildAt(index));
  const text = (column: number, row: number): string | null => {
    const value: unknown = children[column]?.at(row);
    return value === null || value === undefined ? null : (decoders[column]?.read(value) ?? null);
  };
  return {
    columns: table.schema.fields.map((field, index) => ({
      name: field.name,
      kind: decoders[index]?.kind ?? "text",
    })),
    length: table.numRows,
    text,
    decimals: (column) => {
      if (decoders[column]?.kind !== "decimal") return 0;
      let most = 0;
      for (let row = 0; row < table.numRows; row += 1)
        most = Math.max(most, decimals(text(column, row) ?? ""));
      return most;
    },
  };
}

interface ArrowType {
  typeId: number;
  scale?: number;
}

interface Decoder {
  kind: ColumnKind;
  read(value: unknown): string;
}

function decoder(type: ArrowType): Decoder {
  switch (type.typeId) {
    case Type.Decimal: {
      const scale = type.scale ?? 0;
      return { kind: "decimal", read: (value) => fromScaled(BigInt(value as bigint), scale) };
    }
    case Type.Int:
      return { kind: "integer", read: String };
    case Type.Date:
    case Type.Timestamp:
      return { kind: "moment", read: (value) => moment(Number(value)) };
    default:
      return {
        kind: "text",
        read: (value) => (typeof value === "object" ? JSON.stringify(value) : String(value)),
      };
  }
}
