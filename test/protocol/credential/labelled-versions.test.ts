import { expect, it } from 'vitest';
import type { AcceptedCredential } from '../../../protocol/credential/find-accepted.ts';
import { isObsolete, readProof } from '../../../protocol/credential/labelled-versions.ts';
import type { UsableCredential } from '../../../protocol/credential/stored-credential.ts';
import { readStoredCredential } from '../../../protocol/credential/stored-credential.ts';
import { document, RotationWorld } from '../../support/rotation-world.ts';

const { endpointRules } = new RotationWorld().config;
const ENDPOINTS = { rules: endpointRules, configured: undefined, howToConfigure: '' };
const OTHER_USER = document('same', { username: 'other' });

/** Versions by id, in no order, with the time at which each was stored. */
const STORED: Readonly<Record<string, [number, string]>> = {
  newest: [5, document('same')],
  another: [1, document('different')],
  again: [4, document('same')],
  first: [3, document('same')],
  foreign: [2, OTHER_USER],
};
const listed = Object.entries(STORED).map(([versionId, [createdAt]]) => ({ versionId, labels: [], createdAt }));
const read = (versionId: string) => Promise.resolve(STORED[versionId]?.[1]);
const storedIn = (versionId: string) =>
  readStoredCredential({ versionId, text: STORED[versionId]?.[1], tags: {} }, ENDPOINTS);

async function proofOf(versionId: string) {
  const { secret } = new RotationWorld();
  const accepted: AcceptedCredential = { ...(storedIn(versionId) as UsableCredential), stage: 'stranded' };
  return await readProof(await secret.describe(), listed, accepted, { store: { read }, endpoints: ENDPOINTS });
}

it.each([
  ['newest', 3],
  ['again', 3],
  ['first', 3],
  ['another', 1],
])('the password of the version %s was stored first at %d', async (versionId, since) => {
  expect((await proofOf(versionId)).since).toBe(since);
});

it('an older password of the same user is obsolete, and no other', async () => {
  const proof = await proofOf('newest');
  const at = (createdAt: number, versionId: string) =>
    isObsolete({ label: '', versionId, createdAt, stored: storedIn(versionId) }, proof);
  expect([at(1, 'another'), at(3, 'another'), at(2, 'foreign'), at(1, 'first')]).toEqual([true, false, false, false]);
});
