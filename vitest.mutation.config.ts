import { defineConfig, type ViteUserConfig } from 'vitest/config';

/**
 * The tests that Stryker runs: they need no server, and they do not read the sources that Stryker
 * rewrites.
 */
const config: ViteUserConfig = defineConfig({
  test: {
    setupFiles: ['test/support/fixed-seed.ts'],
    // A test that only a busy machine stops would count as a test that notices the change.
    testTimeout: 120_000,
    include: [
      'test/{adapters,protocol,telemetry}/**/*.test.ts',
      'test/cli/cluster/**/*.test.ts',
      'test/lambda/event.test.ts',
      'test/lambda/worker-memory.test.ts',
    ],
    exclude: ['test/protocol/rotation/operations.test.ts', 'test/**/*.server.test.ts'],
  },
});

export default config;
