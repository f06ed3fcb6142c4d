import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The tests that Stryker judges: those that need no server, and none that reads the source which Stryker rewrites. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/unit/{lambda,secret}/**/*.test.ts'],
    exclude: ['test/unit/lambda/{config,handler,operations}.test.ts'],
  },
});

export default config;
