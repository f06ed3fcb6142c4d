import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bundleFunction, FUNCTIONS, type FunctionName } from '../../build/function-bundle.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { LOCAL } from '../../local/project.ts';
import './servers.ts';

/** Starts one local cloud for all tests of the project, and stops it after the last test. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cloud = await startLocalCloud(join(LOCAL, `test-${process.pid}`));
  const functionBundles = join(cloud.access.stateDir, 'bundles');
  for (const fn of Object.keys(FUNCTIONS) as FunctionName[]) {
    await bundleFunction(fn, join(functionBundles, fn));
  }
  project.provide('localCloud', { ...cloud.access, functionBundles });
  return () => cloud.stop();
}
