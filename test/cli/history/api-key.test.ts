import { expect, it } from 'vitest';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';
import { GAP, keys, SECRET, useWorld, world } from '../support/secret-fixture.ts';

useWorld('key');

/** Rotates twice: the second rotation deletes the first key. */
async function rotateTwice(): Promise<readonly [string | undefined, string | undefined]> {
  await world.run(['rotate', SECRET]);
  world.clock.advance(GAP);
  await world.run(['rotate', SECRET]);
  return [keys.keyIdIn(AWSPREVIOUS), keys.keyIdIn(AWSCURRENT)];
}

it('history names the API key that each rotation created, and those that it deleted', async () => {
  const [second, third] = await rotateTwice();

  const { document } = await world.runJson('history', SECRET);

  expect(document.rotations).toMatchObject([
    { createdKey: second, deletedKeys: [] },
    { createdKey: third, deletedKeys: [{ apiKeyId: keys.first.id, why: 'replaced' }] },
  ]);
  const { out } = await world.run(['history', SECRET]);
  expect(out).toMatch(new RegExp(`^ +created +API key ${third}\\n +deleted +API key ${keys.first.id}, replaced$`, 'm'));
});

it('report names the strategy, and the keys of each rotation', async () => {
  const [second, third] = await rotateTwice();

  const { document } = await world.runJson('report', SECRET);
  const [{ policy, rotations }] = document.secrets;

  expect(policy.strategy).toBe('api-key');
  expect(rotations.map(({ createdKey }: { createdKey: string }) => createdKey)).toEqual([second, third]);
  expect((await world.run(['report', SECRET, '--format', 'csv'])).out).toContain(`,${keys.first.id} replaced,`);
});

it('report does not guess a strategy', async () => {
  world.aws.failing.set('GetFunctionConfiguration', 'access-denied');

  const { document } = await world.runJson('report', SECRET);

  expect(document.secrets[0].policy.strategy).toBeNull();
});
