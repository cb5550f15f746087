/** Names at the ends of lines. ECharts moves labels that lie on each other, but never those at the ends of lines. */

/** How far the names of two lines stand from each other at least. */
const LINE_PX = 14;

/** A name as it is placed: how far down its line ends, and where it goes. */
interface Block {
  members: number[];
  /** The middle of the block, from the top. */
  middle: number;
}

/**
 * How far each name is moved down, as few pixels as keep all apart. `span` is what the axis reaches over, `height` how
 * high the drawing is, about.
 */
export function endShifts(ends: readonly (number | null)[], span: number, height: number): number[] {
  const shifts = ends.map(() => 0);
  if (span <= 0) return shifts;
  const depth = (value: number) => (-value / span) * height;
  const order = ends
    .flatMap((value, index) => (value === null ? [] : [{ index, at: depth(value) }]))
    .sort((left, right) => left.at - right.at || left.index - right.index);
  const at = new Map(order.map((one) => [one.index, one.at]));
  const blocks: Block[] = [];
  for (const one of order) {
    let block: Block = { members: [one.index], middle: one.at };
    for (let above = blocks.at(-1); above && touching(above, block); above = blocks.at(-1)) {
      blocks.pop();
      const members = [...above.members, ...block.members];
      block = {
        members,
        middle: members.reduce((sum, index) => sum + (at.get(index) ?? 0), 0) / members.length,
      };
    }
    blocks.push(block);
  }
  for (const { members, middle } of blocks)
    members.forEach((index, place) => {
      const to = middle + (place - (members.length - 1) / 2) * LINE_PX;
      shifts[index] = Math.round(to - (at.get(index) ?? 0));
    });
  return shifts;
}

function touching(above: Block, below: Block): boolean {
  return below.middle - above.middle < ((above.members.length + below.members.length) / 2) * LINE_PX;
}
