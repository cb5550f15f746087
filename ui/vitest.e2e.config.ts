import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    environment: "node",
    // One bridge, one browser, one engagement: the journeys build on each other's folder, never on each other's page.
    fileParallelism: false,
    // What is waited for is an answer of the engine, which may share its cores with much else.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A journey's steps build on each other: after the first that fails the rest says nothing.
    bail: 1,
  },
});
