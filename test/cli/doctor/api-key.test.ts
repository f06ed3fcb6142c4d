import { expect, it } from 'vitest';
import { keyDocument } from '../../support/key-world.ts';
import { fixture, SECRET, useApiKeys, world } from '../support/key-fixture.ts';

useApiKeys();

async function managerCheck(...args: readonly string[]): Promise<string | undefined> {
  const { document } = await fixture.runJson('doctor', SECRET, ...args);
  return document.checks.find(({ check }: { check: string }) => check === 'manager')?.status;
}

it('doctor checks that the function has a manager secret, and with --manager that the current key can rotate', async () => {
  expect([await managerCheck(), await managerCheck('--manager')]).toEqual(['pass', 'pass']);

  world.organization.manager = 'forbidden';
  const { code, out } = await fixture.run(['doctor', SECRET, '--manager']);
  expect([code, out.includes('MANAGER_REJECTED')]).toEqual([3, true]);

  delete fixture.aws.environment['MANAGER_SECRET_ARN'];
  expect(await managerCheck()).toBe('fail');
});

it('doctor finds another secret with the key, for another cluster', async () => {
  fixture.aws.add('copy', keyDocument(world.first, { endpoint: 'http://127.0.0.1:19531' }));

  const { document } = await fixture.runJson('doctor', SECRET);

  expect(document.checks).toContainEqual(
    expect.objectContaining({ check: 'other-secrets', status: 'fail', reason: expect.stringContaining('copy') }),
  );
});
