/** A chart as a picture to take along. */
import type { EChartsCoreOption, EChartsType } from "echarts/core";

import { messages } from "../messages";
import type { Workbench } from "../state/workbench.svelte";

const PIXEL_RATIO = 2;

/** What the chart shows, as dots. */
export async function pngOf(chart: EChartsType, background: string): Promise<Blob> {
  const canvas = chart.renderToCanvas({ pixelRatio: PIXEL_RATIO, backgroundColor: background });
  return new Promise((made, refuse) => {
    canvas.toBlob(
      (blob) => (blob ? made(blob) : refuse(new Error("the picture could not be made"))),
      "image/png",
    );
  });
}

/** The same as lines and letters, drawn anew in the size that it has on the page. */
export async function svgOf(
  chart: EChartsType,
  option: EChartsCoreOption,
  background: string,
): Promise<string> {
  const { init } = await import("./echarts");
  const drawn = init(null, null, {
    renderer: "svg",
    ssr: true,
    width: chart.getWidth(),
    height: chart.getHeight(),
  });
  try {
    drawn.setOption({ ...option, backgroundColor: background });
    return drawn.renderToSVGString();
  } finally {
    drawn.dispose();
  }
}

/** A chart that stands, as pictures that are made when they are asked for. */
export interface Pictures {
  png(): Promise<Blob>;
  svg(): Promise<Blob>;
}

export function picturesOf(
  chart: () => EChartsType | null,
  option: () => EChartsCoreOption,
  background: () => string,
): Pictures {
  const standing = (): EChartsType => {
    const found = chart();
    if (!found) throw new Error(messages.loading);
    return found;
  };
  return {
    png: async () => pngOf(standing(), background()),
    svg: async () => new Blob([await svgOf(standing(), option(), background())], { type: "image/svg+xml" }),
  };
}

/** What a menu offers for them. */
export function pictureItems(
  workbench: Pick<Workbench, "copyPicture" | "exportPicture">,
  name: string,
  pictures: Pictures,
): { label: string; run: () => void }[] {
  const words = messages.pictures;
  return [
    { label: words.copyPng, run: () => void workbench.copyPicture(pictures.png) },
    { label: words.copySvg, run: () => void workbench.copyPicture(pictures.svg) },
    { label: words.png, run: () => void workbench.exportPicture(name, "png", pictures.png) },
    { label: words.svg, run: () => void workbench.exportPicture(name, "svg", pictures.svg) },
  ];
}
