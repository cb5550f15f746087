/** A leaderboard as areas: what is above zero is drawn, the rest is told in words beside it. */
import type { EChartsCoreOption } from "echarts/core";

import type { Answer } from "../bindings/Answer";
import { geometry, share, sign } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import type { Palette } from "./palette";

/** What fits into an area and into a sentence: a tag's value may be a page long. */
const NAME_MAX = 60;

/** The smallest picture that is drawn, and how long an area's side must be for its share and for its value and share. */
const SMALLEST_PIXELS = 350 * 218;
const SHARE_SIDE = 56;
const FIGURES_SIDE = 120;

function short(name: string): string {
  const letters = [...name];
  return letters.length > NAME_MAX ? `${letters.slice(0, NAME_MAX - 1).join("")}…` : name;
}

export interface TreemapArea {
  readonly key: string | null;
  readonly role: "group" | "other";
  readonly name: string;
  readonly value: string | null;
  /** Its part of the total; null where the total is not above zero. */
  readonly share: string | null;
}

export interface TreemapModel {
  readonly drawn: readonly TreemapArea[];
  /** Zero, below zero, or without a figure: no area can show them. */
  readonly undrawn: readonly TreemapArea[];
}

export function treemapModel(
  answer: Pick<Answer, "rows" | "total">,
  naming: (row: Answer["rows"][number]) => string,
): TreemapModel {
  const total = answer.total[0]?.value ?? null;
  const areas = answer.rows.map((row): TreemapArea => {
    const value = row.cells[0]?.value ?? null;
    return {
      key: row.role === "group" ? (row.keys[0] ?? null) : null,
      role: row.role,
      name: short(naming(row)),
      value,
      share: share(value, total),
    };
  });
  return {
    drawn: areas.filter((area) => sign(area.value) > 0),
    undrawn: areas.filter((area) => sign(area.value) <= 0),
  };
}

export type FigureText = (value: string | null) => string;

/** What the picture says to someone who cannot see it, made of its numbers. */
export function treemapText(
  model: TreemapModel,
  title: string,
  figure: FigureText,
  format: Formatter,
): string {
  const areas = model.drawn.map(
    (area) =>
      `${area.name} ${figure(area.value)}${area.share === null ? "" : ` (${format.percent(area.share)})`}`,
  );
  return [
    `${title}: ${areas.length > 0 ? areas.join("; ") : messages.explore.areas.none}`,
    undrawnText(model, figure),
  ]
    .filter((part) => part !== "")
    .join(". ");
}

/** The areas that cannot be drawn, in words; nothing where all can. */
export function undrawnText(model: TreemapModel, figure: FigureText): string {
  if (model.undrawn.length === 0) return "";
  return messages.explore.areas.undrawn(
    model.undrawn.map((area) => `${area.name} ${figure(area.value)}`).join("; "),
  );
}

export function treemapOption(
  model: TreemapModel,
  drawing: {
    palette: Palette;
    format: Formatter;
    figure: FigureText;
    alt: string;
    marked: (area: TreemapArea) => boolean;
  },
): EChartsCoreOption {
  const { palette, format, figure } = drawing;
  const fill = (area: TreemapArea) =>
    drawing.marked(area) ? palette.current : area.role === "other" ? palette.rest : palette.bar;
  const whole = model.drawn.reduce((sum, area) => sum + geometry(area.value), 0);
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    aria: { enabled: true, label: { description: drawing.alt } },
    tooltip: {
      confine: true,
      transitionDuration: 0,
      backgroundColor: palette.raised,
      borderColor: palette.line,
      padding: [6, 10],
      textStyle: { color: palette.text, fontSize: 12 },
      extraCssText: "box-shadow: none; border-radius: 4px;",
      formatter: ({ dataIndex }: { dataIndex: number }) =>
        tooltip(model.drawn[dataIndex - 1], figure, format),
    },
    series: [
      {
        type: "treemap",
        left: 0,
        right: 0,
        top: 0,
        bottom: 0,
        roam: false,
        nodeClick: false,
        breadcrumb: { show: false },
        itemStyle: { borderColor: palette.surface, borderWidth: 0, gapWidth: 2 },
        label: { position: [6, 5], fontSize: 12, lineHeight: 16, overflow: "truncate" },
        data: model.drawn.map((area) => ({
          name: area.name,
          value: geometry(area.value),
          itemStyle: { color: fill(area) },
          label: {
            color: drawing.marked(area) ? palette.onAccent : palette.text,
            formatter: () => label(area, geometry(area.value) / whole, format),
          },
        })),
      },
    ],
  };
}

/** An area says what it has room for: a figure that is cut off would be a wrong one. */
function label(area: TreemapArea, part: number, format: Formatter): string {
  const side = Math.sqrt(part * SMALLEST_PIXELS);
  const percent = area.share === null ? [] : [format.percent(area.share)];
  const figures =
    side < SHARE_SIDE ? [] : side < FIGURES_SIDE ? percent : [format.short(area.value), ...percent];
  return [area.name, ...(figures.length > 0 ? [figures.join("  ")] : [])].join("\n");
}

function tooltip(area: TreemapArea | undefined, figure: FigureText, format: Formatter): HTMLElement {
  const box = document.createElement("div");
  if (!area) return box;
  const name = document.createElement("div");
  name.textContent = area.name;
  const value = document.createElement("div");
  value.textContent = [figure(area.value), ...(area.share === null ? [] : [format.percent(area.share)])].join(
    " · ",
  );
  value.style.fontWeight = "600";
  box.append(name, value);
  return box;
}
