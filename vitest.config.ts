import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
// Drops what the shell sets for AWS, proxies and Python. The workers inherit the environment.
import './local/project.ts';

process.env['NODE_ENV'] = 'test';

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

/** They take minutes, and must not be the last. Nothing would run beside them. */
const LONGEST = /\/test\/(conformance|e2e\/runbook)\//;

/**
 * Mixes the tests of servers, which mostly wait, with the slow tests, which need the processor. All
 * other tests need the processor too, and run until the last server has answered.
 */
class ServersBesideOthers extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rankOf = (file: TestSpecification): number => {
      const { name } = file.project;
      if (name !== 'servers' && name !== 'slow') {
        return 1;
      }
      const ofProject = sorted.filter(({ project }) => project.name === name);
      return LONGEST.test(file.moduleId) ? -1 : ofProject.indexOf(file) / ofProject.length;
    };
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

const config: ViteUserConfig = defineConfig({
  test: {
    sequence: { sequencer: ServersBesideOthers },
    // The longest tests mostly wait for servers and for cdk deploy, so four workers fit on two
    // cores.
    maxWorkers: 4,
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
