import { expect, test } from "vitest";

import { marksOf } from "./marks";

test("a remark stands in the step that its day is in, and outside of them nowhere", () => {
  const buckets = ["2025-03", "2025-04"].map((key) => ({ key }));
  const on = (id: number, day: string | null, dimension: string | null = null) => ({
    id,
    day,
    dimension,
    value: null,
    text: `remark ${id}`,
  });
  const marks = marksOf(
    [
      on(1, "2025-02-28"),
      on(2, "2025-03-31"),
      on(3, "2025-04-01", "service"),
      on(4, "2025-04-30"),
      on(5, null),
    ],
    buckets,
    "month",
  );
  expect(marks.map((mark) => [mark.bucket, mark.number, mark.annotation.id])).toEqual([
    [0, 1, 2],
    [1, 2, 4],
  ]);
});
