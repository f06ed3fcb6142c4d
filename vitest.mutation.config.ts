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
      'test/{adapters,protocol}/**/*.test.ts',
      'test/cli/milvus-admin-cluster.test.ts',
      'test/lambda/{event,log-line,pins,worker-memory}.test.ts',
      'test/repository/product-version.test.ts',
    ],
    exclude: ['test/protocol/rotation/operations.test.ts', 'test/**/*.server.test.ts'],
  },
});

export default config;
