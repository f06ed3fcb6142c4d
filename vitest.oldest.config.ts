import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The tests with the oldest releases. `npm test` does not run them, because they take 300 MB. */
const config: ViteUserConfig = defineConfig({
  test: { include: ['test/oldest/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
});

export default config;
