import { expect, test } from "vitest";

import { tongueOf } from "./tongue";

const info = (name: string, label: string) => ({ name, label, kind: "", values: null });
const tongue = tongueOf(
  [],
  [
    info("service", "Service"),
    info("tag:application", "Tag application"),
    info("tag:Application", "Tag Application"),
    info("tag:team", "Team"),
    info("extra:team", "Team"),
  ],
  "de-DE",
);

test("every dimension has a label of its own, and is found again by it", () => {
  for (const name of ["service", "tag:application", "tag:Application", "tag:team", "extra:team"])
    expect(tongue.dimension(tongue.label(name)), name).toBe(name);
  expect(tongue.label("tag:team"), "two have the label").toBe("tag:team");
});

test("another case is found where it leaves no doubt", () => {
  expect(tongue.dimension(" SERVICE ")).toBe("service");
  expect(tongue.dimension("TAG APPLICATION")).toBeNull();
  expect(tongue.dimension("Speed")).toBeNull();
  expect(tongue.dimension("tag:unheard-of"), "the engine tells what there is").toBe("tag:unheard-of");
});

test("the reader's locale decides what a lone comma means", () => expect(tongue.mark).toBe(","));
