import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Needs a real Milvus server or the AWS emulator of the shared local cloud. */
const SERVER_TESTS = ['test/e2e/**/*.test.ts', 'test/**/*.server.test.ts'];

/**
 * Tests that start processes, build bundles, lint whole templates, play thousands of faults or
 * wait. `npm run check` leaves them out, so that it stays below a minute.
 */
const SLOW_TESTS = [
  'test/{conformance,faults,local,python}/**/*.test.ts',
  'test/build/function-bundle.test.ts',
  'test/build/public-docs.test.ts',
  'test/build/template.test.ts',
  'test/build/write-release.test.ts',
  'test/cli/loaded-modules.test.ts',
  'test/client/lifecycle.test.ts',
  'test/examples/{curl,kubernetes,organisation,terraform}.test.ts',
  'test/infra/app.test.ts',
  'test/infra/policy-checks.test.ts',
];

/** The conformance suite waits for minutes. At the end of a run, nothing would run beside it. */
class ConformanceFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isFirst = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/conformance/');
    const sorted = await super.sort(files);
    return [...sorted.filter(isFirst), ...sorted.filter((file) => !isFirst(file))];
  }
}

const config: ViteUserConfig = defineConfig({
  test: {
    sequence: { sequencer: ConformanceFirst },
    // The longest tests mostly wait for servers and for cdk deploy, so three workers fit on two
    // cores.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['test/support/fixed-seed.ts'],
          // A busy machine must not fail the property tests, which draw hundreds of values, and
          // the test of the imports, which parses every module.
          testTimeout: 120_000,
          expect: { poll: { timeout: 15_000 } },
          include: ['test/{adapters,bench,build,cli,client,contract,lambda,protocol,repository}/**/*.test.ts'],
          exclude: [...SERVER_TESTS, ...SLOW_TESTS],
          // These tests leave nothing global changed. With isolation, each file would load the
          // SDKs again, which takes as long as the tests.
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
          unstubGlobals: true,
        },
      },
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
          exclude: SERVER_TESTS,
          setupFiles: ['test/support/fixed-seed.ts'],
          globalSetup: ['test/infra/support/assemblies-setup.ts'],
          restoreMocks: true,
          unstubEnvs: true,
          unstubGlobals: true,
          expect: { poll: { timeout: 15_000 } },
          // The tests of the conformance suite mostly wait.
          maxConcurrency: 6,
          // The limit only ends a test that hangs.
          testTimeout: 600_000,
          hookTimeout: 120_000,
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
