/** Pictures of a chart that is drawn anew for them. */
import type { EChartsCoreOption, EChartsType } from "echarts/core";

import { type Pictures, pngOf, svgOf } from "../chart/picture";
import { messages } from "../messages";

/** Pictures of the size that the chart has on the page, drawn with another option. */
export function namedPictures(
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
    png: async () => {
      const shown = standing();
      const { init } = await import("../chart/echarts");
      const [width, height] = [shown.getWidth(), shown.getHeight()];
      const copy = init(document.createElement("div"), null, { width, height });
      try {
        copy.setOption(option());
        return await pngOf(copy, background());
      } finally {
        copy.dispose();
      }
    },
    svg: async () => new Blob([await svgOf(standing(), option(), background())], { type: "image/svg+xml" }),
  };
}
