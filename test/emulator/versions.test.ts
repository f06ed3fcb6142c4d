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
  test('moves AWSCURRENT to the new version and AWSPREVIOUS to the version before', async () => {
    const secretId = await aws.secret();
    const first = present(await aws.holder(secretId, 'AWSCURRENT'));
    const second = await put(secretId, 'second');
    expect(await stages(secretId)).toEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] });
    const third = await put(secretId, 'third', { VersionStages: ['AWSCURRENT', 'AWSPENDING', 'GREEN'] });
    expect(await stages(secretId)).toEqual({
      [second]: ['AWSPREVIOUS'],
      [third]: ['AWSCURRENT', 'AWSPENDING', 'GREEN'],
    });
  });

  test('ignores the same token with the same value and changes no label', async () => {
    const secretId = await aws.secret();
    const token = await put(secretId, 'mine');
    await put(secretId, 'another', { VersionStages: ['AWSCURRENT', 'AWSPENDING'] });
    const before = await stages(secretId);
    expect(await put(secretId, 'mine', { ClientRequestToken: token })).toBe(token);
    expect(await put(secretId, 'mine', { ClientRequestToken: token, VersionStages: ['AWSPENDING'] })).toBe(token);
    expect(await stages(secretId)).toEqual(before);
  });

  test('refuses the same token with another value, also as binary, and a call without a value', async () => {
    const secretId = await aws.secret();
    const token = await put(secretId, 'mine');
    expect(await refusal(put(secretId, 'yours', { ClientRequestToken: token }))).toBe(
      `ResourceExistsException: You can't use ClientRequestToken ${token} because that value is already in use for a ` +
        `version of secret ${secretId}.`,
    );
    const binary = { SecretId: secretId, ClientRequestToken: token, SecretBinary: Buffer.from('mine') };
    expect(await refusal(aws.secrets.putSecretValue(binary))).toMatch(/^ResourceExistsException/);
    expect(await refusal(aws.secrets.putSecretValue({ SecretId: secretId }))).toMatch(/^InvalidRequestException/);
    expect(await aws.value(secretId)).toBe('mine');
  });

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

test('UpdateSecret gives AWSCURRENT to the version of its token, and no version to a description', async () => {
  const secretId = await aws.secret();
  const token = randomUUID();
  const update = (SecretString: string) =>
    aws.secrets.updateSecret({ SecretId: secretId, SecretString, ClientRequestToken: token });
  expect((await update('updated')).VersionId).toBe(token);
  expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(token);
  expect((await update('updated')).VersionId).toBe(token);
  expect(await refusal(update('other'))).toMatch(/^ResourceExistsException/);
  const before = await stages(secretId);
  await aws.secrets.updateSecret({ SecretId: secretId, Description: 'mine' });
  expect(await aws.describe(secretId)).toMatchObject({ Description: 'mine', VersionIdsToStages: before });
});

describe('CreateSecret', () => {
  test('ignores a repeated call with the same token and value, and refuses another value', async () => {
    const create = (SecretString: string) =>
      aws.secrets.createSecret({ Name: name, ClientRequestToken: token, SecretString });
    const [name, token] = [`secret-${randomUUID()}`, randomUUID()];
    const made = await create('mine');
    expect(made.VersionId).toBe(token);
    expect((await create('mine')).ARN).toBe(made.ARN);
    expect(await refusal(create('yours'))).toMatch(/^ResourceExistsException/);
  });

  test('adds no version without a value, and the first put always gets AWSCURRENT', async () => {
    const { ARN } = await aws.secrets.createSecret({ Name: `secret-${randomUUID()}` });
    const secretId = present(ARN);
    expect(await aws.value(secretId)).toBe('ResourceNotFoundException');
    const first = await put(secretId, 'first', { VersionStages: ['MINE'] });
    expect((await stages(secretId))?.[first]).toEqual(['MINE', 'AWSCURRENT']);
  });

  test('refuses the name of a secret that is marked for deletion', async () => {
    const Name = `secret-${randomUUID()}`;
    await aws.secrets.createSecret({ Name, SecretString: 'x' });
    await aws.secrets.deleteSecret({ SecretId: Name });
    const again = aws.secrets.createSecret({ Name, SecretString: 'x' });
    expect(await refusal(again)).toMatch(/^InvalidRequestException: You can't create this secret/);
  });
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
    expect(await refusal(move(secretId, 'AWSCURRENT', toSecond))).toBe(
      `InvalidParameterException: The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is ` +
        `currently attached to version ${first}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
    const unattached = move(secretId, 'NEW', { ...toSecond, RemoveFromVersionId: first });
    expect(await refusal(unattached)).toMatch(/^InvalidParameterException/);
    expect(await stages(secretId)).toEqual(before);
    expect(await refusal(move(secretId, 'NEW', toSecond))).toBe('accepted');
  });

  test('removes a label only from the version that has it, and never removes AWSCURRENT', async () => {
    const { secretId, first, second } = await twoVersions();
    expect(await refusal(move(secretId, 'AWSPENDING', { RemoveFromVersionId: first }))).toMatch(
      /^InvalidParameterException/,
    );
    expect(await refusal(move(secretId, 'AWSCURRENT', { RemoveFromVersionId: first }))).toMatch(
      /^InvalidParameterException: You can only move staging label AWSCURRENT/,
    );
    await move(secretId, 'AWSPENDING', { RemoveFromVersionId: second });
    expect(await stages(secretId)).toEqual({ [first]: ['AWSCURRENT'] });
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

test('GetSecretValue refuses a label that the named version does not have', async () => {
  const secretId = await aws.secret();
  const version = present(await aws.holder(secretId, 'AWSCURRENT'));
  const read = (VersionStage: string) =>
    aws.secrets.getSecretValue({ SecretId: secretId, VersionId: version, VersionStage });
  expect(await refusal(read('AWSCURRENT'))).toBe('accepted');
  expect(await refusal(read('AWSPREVIOUS'))).toMatch(/^InvalidRequestException/);
});
