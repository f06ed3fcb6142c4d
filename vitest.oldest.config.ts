import { join } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const OLDEST = join(import.meta.dirname, 'test/oldest/node_modules');

/** The tests with the oldest releases. `npm test` does not run them, because they take 300 MB. */
const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: { name: 'oldest', include: ['test/oldest/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
      },
      // The oldest release of the SDK that the client supports.
      {
        test: {
          name: 'oldest-sdk',
          include: ['test/client/**/*.test.ts'],
          testTimeout: 30_000,
          expect: { poll: { timeout: 15_000 } },
          alias: { '@zilliz/milvus2-sdk-node': join(OLDEST, '@zilliz/milvus2-sdk-node') },
        },
      },
    ],
  },
});

export default config;
