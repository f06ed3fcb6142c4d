import { randomUUID } from 'node:crypto';
import type { PutSecretValueCommandInput, UpdateSecretVersionStageCommandInput } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { localAws, present, refusal } from './support/local-aws.ts';

// The contract of the secret store proves more of these actions:
// secrets-manager-store.server.test.ts.
const aws = localAws();

async function put(SecretId: string, SecretString: string, input: Partial<PutSecretValueCommandInput> = {}) {
  const stored = await aws.secrets.putSecretValue({ SecretId, SecretString, ...input });
  return present(stored.VersionId);
}

const move = (SecretId: string, VersionStage: string, input: Partial<UpdateSecretVersionStageCommandInput>) =>
  aws.secrets.updateSecretVersionStage({ SecretId, VersionStage, ...input });

const stages = async (secretId: string) => (await aws.describe(secretId)).VersionIdsToStages;

describe('PutSecretValue', () => {
  test('refuses a 21st label of a secret on every version', async () => {
    const secretId = await aws.secret();
    const nineteen = Array.from({ length: 19 }, (_, index) => `LABEL${index}`);
    const labelled = await put(secretId, 'labelled', { VersionStages: nineteen });
    const refused = refusal(put(secretId, 'one more', { VersionStages: ['LABEL19'] }));
    expect(await refused).toMatch(/^LimitExceededException/);
    expect(await refusal(move(secretId, 'LABEL19', { MoveToVersionId: labelled }))).toMatch(/^LimitExceededException/);
    expect(await refusal(put(secretId, 'moved', { VersionStages: ['LABEL0'] }))).toBe('accepted');
  });

  test('gives versions of the same second different dates, in order', async () => {
    const secretId = await aws.secret();
    const ids = [];
    for (const value of ['b', 'c', 'd']) ids.push(await put(secretId, value, { VersionStages: [`IS_${value}`] }));
    const { Versions = [] } = await aws.secrets.listSecretVersionIds({ SecretId: secretId });
    const times = ids.map((id) => Versions.find(({ VersionId }) => VersionId === id)?.CreatedDate?.getTime() ?? 0);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });
});

test.each<[string, (Name: string, version: { ClientRequestToken: string; SecretString: string }) => Promise<unknown>]>([
  ['CreateSecret', (Name, version) => aws.secrets.createSecret({ Name, ...version })],
  ['UpdateSecret', (SecretId, version) => aws.secrets.updateSecret({ SecretId, ...version })],
])('%s ignores a repeated call with the same token and value, and refuses another value', async (action, call) => {
  const [name, ClientRequestToken] = [`secret-${randomUUID()}`, randomUUID()];
  if (action === 'UpdateSecret') await aws.secrets.createSecret({ Name: name, SecretString: 'first' });
  for (const _ of ['first call', 'repeated call']) await call(name, { ClientRequestToken, SecretString: 'mine' });
  expect(await aws.holder(name, 'AWSCURRENT')).toBe(ClientRequestToken);
  expect(await refusal(call(name, { ClientRequestToken, SecretString: 'yours' }))).toMatch(/^ResourceExistsException/);
  expect(await aws.value(name)).toBe('mine');
});

describe('UpdateSecretVersionStage', () => {
  async function twoVersions() {
    const secretId = await aws.secret();
    const first = present(await aws.holder(secretId, 'AWSCURRENT'));
    const second = await put(secretId, 'second', { VersionStages: ['AWSPENDING'] });
    return { secretId, first, second };
  }

  test('refuses a move that does not name the version with the label, and changes nothing', async () => {
    const { secretId, first, second } = await twoVersions();
    const before = await stages(secretId);
    const toSecond = { MoveToVersionId: second };
    const wrong = move(secretId, 'AWSCURRENT', { ...toSecond, RemoveFromVersionId: second });
    expect(await refusal(wrong)).toMatch(/^InvalidParameterException/);
    expect(await refusal(move(secretId, 'AWSCURRENT', toSecond))).toMatch(/^InvalidParameterException/);
    const unattached = move(secretId, 'NEW', { ...toSecond, RemoveFromVersionId: first });
    expect(await refusal(unattached)).toMatch(/^InvalidParameterException/);
    expect(await stages(secretId)).toEqual(before);
    expect(await refusal(move(secretId, 'NEW', toSecond))).toBe('accepted');
  });

  test('never removes AWSCURRENT', async () => {
    const { secretId, first } = await twoVersions();
    const removal = move(secretId, 'AWSCURRENT', { RemoveFromVersionId: first });
    expect(await refusal(removal)).toMatch(/^InvalidParameterException/);
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(first);
  });

  test('gives AWSCURRENT to a version that has lost its last label', async () => {
    const secretId = await aws.secret('oldest');
    const oldest = present(await aws.holder(secretId, 'AWSCURRENT'));
    await put(secretId, 'middle');
    const newest = await put(secretId, 'newest');
    const listed = await aws.secrets.listSecretVersionIds({ SecretId: secretId });
    expect(listed.Versions?.map(({ VersionId }) => VersionId)).not.toContain(oldest);
    await move(secretId, 'AWSCURRENT', { MoveToVersionId: oldest, RemoveFromVersionId: newest });
    expect(await aws.value(secretId)).toBe('oldest');
  });
});
