import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    alias: { $lib: fileURLToPath(new URL("src/lib", import.meta.url)) },
  },
  build: {
    target: "es2022",
    // The content security policy allows no data: fonts and no inline script: every asset stays a file, nothing is polyfilled inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The charts are one lazily loaded chunk of this size; anything larger is a mistake worth a warning.
    chunkSizeWarningLimit: 800,
  },
  server: { strictPort: true, port: 5173 },
  test: {
    include: ["src/**/*.test.ts"],
    environment: "node",
  },
});
