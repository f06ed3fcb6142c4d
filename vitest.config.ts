import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    // Most of the time of the longest tests is that of servers and of cdk deploy, so one for each of two cores is not too many.
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', include: ['test/{unit,cli,contract}/**/*.test.ts'] } },
      // Every fault at every port call, on the fakes: half a minute that `npm run check` does without.
      { test: { name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'infra',
          include: ['test/infra/**/*.test.ts'],
          globalSetup: ['test/infra/assemblies-setup.ts'],
          // Nothing here is changed globally, and CDK would be loaded anew for every file, which takes longer than most of them.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'local',
          include: ['test/{emulator,local}/**/*.test.ts', 'test/package/public-*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Real Milvus servers and the emulator, started once for all of these.
        test: {
          name: 'servers',
          include: ['test/{integration,e2e}/**/*.test.ts', 'test/package/tarball.test.ts'],
          globalSetup: ['test/support/servers-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

export default config;
