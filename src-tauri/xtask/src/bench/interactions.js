// Runs inside the page, of the real window or of Chromium: clicks as a person would, and measures until the answer is painted.
globalThis.interactions = async (rounds, from = 0) => {
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  const LATE_MS = 60_000;
  // The key figures come after, dimmed until then: they are not what was clicked for.
  const busy = () => document.querySelector('.explore[aria-busy="true"], .answers.stale, .box.stale') !== null;
  const until = async (holds, what) => {
    const began = performance.now();
    while (!holds()) {
      if (performance.now() - began > LATE_MS) throw new Error(`${what} did not come`);
      await frame();
    }
  };
  /** From the deed to the frame after the one that shows what it led to. */
  const timed = async (deed, shown) => {
    const began = performance.now();
    deed();
    await frame();
    await until(() => !busy() && shown(), "the answer");
    await frame();
    return performance.now() - began;
  };
  const lists = () => [...document.querySelectorAll('.lists table[role="grid"]')];
  const values = (list) => [...list.querySelectorAll("tbody td.what button")].filter((button) => button.hasAttribute("aria-pressed"));
  const go = async (address) => {
    location.hash = address;
    await frame();
    await until(() => !busy() && document.querySelector(".explore .answers") !== null, address);
    await frame();
  };
  const times = { filter: [], drill: [], compare: [], "pivot expand": [] };
  // A view that was seen is shown from memory: each round looks at another number of rows, so that every answer is new.
  for (let round = from; round < from + rounds; round++) {
    const top = 10 + (round % 90);
    await go(`#/explore?top=${top}`);
    const first = lists()[round % lists().length];
    const choice = values(first)[round % Math.min(5, values(first).length)];
    times.filter.push(await timed(() => choice.click(), () => document.querySelector('.lists [aria-pressed="true"]') !== null));
    const place = (round + 1) % lists().length;
    const next = values(lists()[place]).find((button) => button.getAttribute("aria-pressed") === "false");
    const pressed = () => document.querySelectorAll('.lists [aria-pressed="true"]').length;
    if (next) times.drill.push(await timed(() => next.click(), () => pressed() > 1));
    await go(`#/explore?top=${top}&cost=effective_cost`);
    times.compare.push(await timed(() => { location.hash = `#/explore?top=${top}&cost=effective_cost&compare=previous`; }, () => document.querySelector(".lists.compared") !== null));
    await go(`#/explore?top=${top}&below=pivot`);
    await until(() => document.querySelector('[role="treegrid"] tr[aria-expanded="false"]') !== null, "the pivot");
    const lines = () => document.querySelectorAll('[role="treegrid"] tbody tr').length;
    const closed = [...document.querySelectorAll('[role="treegrid"] tr[aria-expanded="false"] button.toggle')];
    const before = lines();
    times["pivot expand"].push(await timed(() => closed[round % closed.length].click(), () => lines() > before));
  }
  await go("#/explore");
  await until(() => document.querySelector('.grid[role="grid"]') !== null, "the charges");
  const grid = document.querySelector('.grid[role="grid"]');
  grid.scrollIntoView();
  const frames = [];
  let last = performance.now();
  for (let step = 0; step < 300; step++) {
    // Every tenth step is a leap to another part of the bill.
    grid.scrollTop = step % 10 === 0 ? (grid.scrollHeight * ((step * 37) % 300)) / 300 : grid.scrollTop + 300;
    await frame();
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  return { times, frames };
};
