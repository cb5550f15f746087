/** How long the hand rests before what was not asked for first is worked on: a click in between finds the engine free. */
const REST_MS = 100;

/** Does something once the screen is painted and stays as it is: only then is there time for more. Returns how to call it off. */
export function afterPaint(work: () => void): () => void {
  let later: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => (later = setTimeout(work, REST_MS)));
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(later);
  };
}
