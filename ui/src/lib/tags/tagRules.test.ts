import { describe, expect, test } from "vitest";

import { accept, acceptAll, merged, withKey, withValue } from "./tagRules";

const NONE = { keys: {}, values: {} };

describe("tag rules", () => {
  test("a key counts as another, and as itself again", () => {
    const one = withKey(NONE, "Env", "env");
    expect(one).toEqual({ keys: { env: ["Env"] }, values: {} });
    expect(withKey(one, "environment", "env").keys).toEqual({ env: ["Env", "environment"] });
    expect(withKey(one, "Env", null), "nothing is left of a rule that gathers nothing").toEqual(NONE);
    expect(withKey(NONE, "env", "env")).toEqual(NONE);
  });

  test("a key that gathered others brings them, and the rules of its values, along", () => {
    const first = withValue(withKey(NONE, "Env", "env"), "env", "Prod", "prod");
    expect(withKey(first, "env", "environment")).toEqual({
      keys: { environment: ["env", "Env"] },
      values: { environment: { prod: ["Prod"] } },
    });
  });

  test("a value counts as another of its key only", () => {
    const one = withValue(NONE, "env", "Prod", "prod");
    expect(one.values).toEqual({ env: { prod: ["Prod"] } });
    expect(withValue(one, "env", "prod", "production").values, "no chains").toEqual({
      env: { production: ["prod", "Prod"] },
    });
    expect(withValue(one, "env", "Prod", null)).toEqual(NONE);
  });

  test("a spelling is never in two places", () => {
    const moved = withKey(withKey(NONE, "Env", "env"), "Env", "stage");
    expect(moved.keys).toEqual({ stage: ["Env"] });
  });

  test("suggestions are taken up whole, those for keys before those for values", () => {
    const keys = { key: null, counts_as: "env", spellings: ["env", "Env", "ENV"], charges: 3 };
    const values = { key: "env", counts_as: "prod", spellings: ["prod", "Prod"], charges: 1 };
    expect(accept(NONE, keys).keys).toEqual({ env: ["Env", "ENV"] });
    const all = acceptAll(NONE, [values, keys]);
    expect(all).toEqual({ keys: { env: ["Env", "ENV"] }, values: { env: { prod: ["Prod"] } } });
    expect(merged(all)).toBe(3);
    expect(merged(NONE)).toBe(0);
  });
});
