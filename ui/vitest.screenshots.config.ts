import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/screenshots.ts"],
    environment: "node",
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
