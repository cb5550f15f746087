/** Where the analyst's remarks on days stand in the trend. */
import type { Annotation } from "../bindings/Annotation";
import type { Grain } from "../bindings/Grain";
import { bucketPeriod } from "../view/period";
import type { TrendBucket } from "./trend";

export interface TrendMark {
  /** The place of the bucket that the day is in. */
  readonly bucket: number;
  /** What the mark says, and its line of the list begins with. */
  readonly number: number;
  readonly day: string;
  readonly annotation: Annotation;
}

/** The remarks on days that the trend shows, in order of day. Those on a value of a dimension stand on its row instead. */
export function marksOf(
  annotations: readonly Annotation[],
  buckets: readonly Pick<TrendBucket, "key">[],
  grain: Grain,
): TrendMark[] {
  const marks: TrendMark[] = [];
  for (const annotation of annotations) {
    const { day } = annotation;
    if (!day || annotation.dimension) continue;
    const bucket = buckets.findIndex(({ key }) => {
      const days = bucketPeriod(key, grain);
      return days.from <= day && day < days.to;
    });
    if (bucket >= 0) marks.push({ bucket, number: marks.length + 1, day, annotation });
  }
  return marks;
}
