/** The design tokens as colours that a canvas understands. */

export interface Palette {
  text: string;
  muted: string;
  line: string;
  surface: string;
  raised: string;
  current: string;
  /** The fill of what stands beside others, under text. */
  bar: string;
  /** What the analyst marked. */
  mark: string;
  /** Text on `current`. */
  onAccent: string;
  before: string;
  rest: string;
  series: string[];
  font: string;
}

const SERIES_TOKENS = 8;

/** Reads the tokens as they stand for the theme that is on; `dark` says which, so that a change of theme reads again. */
export function readPalette(root: HTMLElement, dark: boolean): Palette {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.colorScheme = dark ? "dark" : "light";
  root.append(probe);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const colour = (token: string): string => {
    probe.style.color = `var(${token})`;
    const computed = getComputedStyle(probe).color;
    if (!context) return computed;
    // Painting one dot turns any colour space that the tokens use into the plain red, green and blue of a chart.
    context.fillStyle = computed;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
    return `rgb(${red}, ${green}, ${blue})`;
  };
  const palette: Palette = {
    text: colour("--text"),
    muted: colour("--text-muted"),
    line: colour("--line"),
    surface: colour("--surface"),
    raised: colour("--surface-raised"),
    current: colour("--chart-this"),
    bar: colour("--bar"),
    mark: colour("--warning"),
    onAccent: colour("--on-accent"),
    before: colour("--chart-before"),
    rest: colour("--chart-rest"),
    series: Array.from({ length: SERIES_TOKENS }, (_, index) => colour(`--series-${index + 1}`)),
    font: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return palette;
}

/** One colour per name for as long as an engagement is open, so that a service keeps its colour from view to view. */
export class NameColours {
  readonly #places = new Map<string, number>();

  place(name: string): number {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(name, place);
    }
    return place % SERIES_TOKENS;
  }
}
