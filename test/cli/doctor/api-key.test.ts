import { describe, expect, it } from 'vitest';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import { keyDocument, SCOPE } from '../../support/key-world.ts';
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

describe('doctor finds another secret', () => {
  const expectCopy = async (): Promise<void> => {
    const { document } = await fixture.runJson('doctor', SECRET);
    expect(document.checks).toContainEqual(
      expect.objectContaining({ check: 'other-secrets', status: 'fail', reason: expect.stringContaining('copy') }),
    );
  };
  const addCopy = (key = world.first): void =>
    void fixture.aws.add('copy', keyDocument(key, { endpoint: 'http://127.0.0.1:19531' }));

  it('with the key, for another cluster', async () => {
    addCopy();
    await expectCopy();
  });

  it('with the first key, after a rotation has replaced it in this secret', async () => {
    await fixture.run(['rotate', SECRET]);
    addCopy();
    await expectCopy();
  });

  it('for which the deployment pins the same key', async () => {
    addCopy(world.organization.createByHand({ name: 'other', description: '', scope: SCOPE }));
    fixture.aws.environment['SECRET_TARGETS'] = formatPins({ [SECRET]: world.pins, copy: world.pins });
    await expectCopy();
  });
});
