import { expect, it } from 'vitest';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';
import { GAP } from '../support/alternating-fixture.ts';
import { fixture, pass, SECRET, useApiKeys, world } from '../support/key-fixture.ts';

useApiKeys();

/** Rotates twice: the second rotation deletes the first key. */
async function rotateTwice(): Promise<readonly [string | undefined, string | undefined]> {
  await fixture.run(['rotate', SECRET]);
  pass(GAP);
  await fixture.run(['rotate', SECRET]);
  return [world.keyIdIn(AWSPREVIOUS), world.keyIdIn(AWSCURRENT)];
}

it('history names the API key that each rotation created, and those that it deleted', async () => {
  const [second, third] = await rotateTwice();

  const { document } = await fixture.runJson('history', SECRET);

  expect(document.rotations).toMatchObject([
    { createdKey: second, deletedKeys: [] },
    { createdKey: third, deletedKeys: [{ apiKeyId: world.first.id, why: 'replaced' }] },
  ]);
  const { out } = await fixture.run(['history', SECRET]);
  expect(out).toMatch(
    new RegExp(`^ +created +API key ${third}\\n +deleted +API key ${world.first.id}, replaced$`, 'm'),
  );
});

it('report names the strategy, and the keys of each rotation', async () => {
  const [second, third] = await rotateTwice();

  const { document } = await fixture.runJson('report', SECRET);
  const [{ policy, rotations }] = document.secrets;

  expect(policy.strategy).toBe('api-key');
  expect(rotations.map(({ createdKey }: { createdKey: string }) => createdKey)).toEqual([second, third]);
  expect((await fixture.run(['report', SECRET, '--format', 'csv'])).out).toContain(`,${world.first.id} replaced,`);
});

it('report does not guess a strategy', async () => {
  fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');

  const { document } = await fixture.runJson('report', SECRET);

  expect(document.secrets[0].policy.strategy).toBeNull();
});
