import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Needs a real Milvus server or the AWS emulator of the shared local cloud. */
const SERVER_TESTS = ['test/e2e/**/*.test.ts', 'test/**/*.server.test.ts'];

/**
 * Tests that start processes, build bundles, lint whole templates or wait. `npm run check` leaves
 * them out, so that it stays below a minute.
 */
const SLOW_TESTS = [
  'test/infra/app.test.ts',
  'test/infra/policy-checks.test.ts',
  'test/build/release/write-release.test.ts',
  'test/build/release/template/template.test.ts',
  'test/examples/terraform.test.ts',
  'test/cli/loaded-modules.test.ts',
  'test/client/lifecycle.test.ts',
  'test/build/function-bundle.test.ts',
];

const config: ViteUserConfig = defineConfig({
  test: {
    // The longest tests mostly wait for servers and for cdk deploy, so two workers fit on two
    // cores.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['test/support/fixed-seed.ts'],
          // A busy machine must not fail the property tests, which draw hundreds of values, and
          // the test of the imports, which parses every module.
          testTimeout: 120_000,
          expect: { poll: { timeout: 15_000 } },
          include: [
            'test/{adapters,bench,build,cli,client,contract,lambda,protocol,repository,telemetry}/**/*.test.ts',
          ],
          exclude: [...SERVER_TESTS, ...SLOW_TESTS],
          // These tests leave nothing global changed. With isolation, each file would load the
          // SDKs again, which takes as long as the tests.
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
          unstubGlobals: true,
        },
      },
      // The oldest release of the SDK that the client supports.
      {
        test: {
          name: 'oldest-sdk',
          include: ['test/client/**/*.test.ts'],
          exclude: SERVER_TESTS,
          testTimeout: 30_000,
          expect: { poll: { timeout: 15_000 } },
          alias: { '@zilliz/milvus2-sdk-node': 'milvus2-sdk-node-oldest' },
        },
      },
      // Every fault at every port call, on the fakes. It takes half a minute, so `npm run check`
      // leaves it out. The tests wait for nothing, so only a busy machine makes them slow.
      { test: { name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 600_000 } },
      {
        test: {
          name: 'infra',
          include: ['test/infra/**/*.test.ts'],
          exclude: SLOW_TESTS,
          globalSetup: ['test/infra/support/assemblies-setup.ts'],
          // These tests change nothing global. With isolation, each file would load the CDK again.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'slow',
          include: SLOW_TESTS,
          setupFiles: ['test/support/fixed-seed.ts'],
          globalSetup: ['test/infra/support/assemblies-setup.ts'],
          restoreMocks: true,
          unstubEnvs: true,
          unstubGlobals: true,
          expect: { poll: { timeout: 15_000 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'local',
          include: ['test/{emulator,local}/**/*.test.ts', 'test/packages/public-docs.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Real Milvus servers and the emulator, started once for all of these tests.
        test: {
          name: 'servers',
          include: SERVER_TESTS,
          globalSetup: ['test/support/servers-setup.ts'],
          // The limits only end a test that hangs. A deployment on a busy machine takes minutes.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});

export default config;
