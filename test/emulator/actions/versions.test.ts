import { randomUUID } from 'node:crypto';
import {
  type PutSecretValueCommandInput,
  SecretsManager,
  type UpdateSecretVersionStageCommandInput,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { localAws, present, refusal } from '../support/local-aws.ts';

const aws = localAws();

async function put(SecretId: string, SecretString: string, input: Partial<PutSecretValueCommandInput> = {}) {
  const stored = await aws.secrets.putSecretValue({ SecretId, SecretString, ...input });
  return present(stored.VersionId);
}

const move = (SecretId: string, VersionStage: string, input: Partial<UpdateSecretVersionStageCommandInput>) =>
  aws.secrets.updateSecretVersionStage({ SecretId, VersionStage, ...input });

const stages = async (secretId: string) => (await aws.describe(secretId)).VersionIdsToStages;

const listed = async (SecretId: string, IncludeDeprecated = false) => {
  const list = await aws.secrets.listSecretVersionIds({ SecretId, IncludeDeprecated });
  return list.Versions ?? [];
};

describe('PutSecretValue', () => {
  test('moves AWSCURRENT to the new version and AWSPREVIOUS to the version before', async () => {
    const secretId = await aws.secret();
    const [first] = Object.keys((await stages(secretId)) ?? {});
    const second = await put(secretId, 'second');
    expect(await stages(secretId)).toEqual({ [first ?? '']: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] });
    const third = await put(secretId, 'third');
    expect(await stages(secretId)).toEqual({ [second]: ['AWSPREVIOUS'], [third]: ['AWSCURRENT'] });
  });

  test('moves every given label from the version that had the label', async () => {
    const secretId = await aws.secret();
    const first = await put(secretId, 'one', { VersionStages: ['AWSPENDING', 'BLUE'] });
    const second = await put(secretId, 'two', { VersionStages: ['AWSPENDING'] });
    expect((await stages(secretId))?.[first]).toEqual(['BLUE']);
    expect((await stages(secretId))?.[second]).toEqual(['AWSPENDING']);
  });

  test('attaches several labels at once, including AWSCURRENT', async () => {
    const secretId = await aws.secret();
    const first = await aws.holder(secretId, 'AWSCURRENT');
    const second = await put(secretId, 'two', { VersionStages: ['AWSCURRENT', 'AWSPENDING', 'GREEN'] });
    expect((await stages(secretId))?.[second]).toEqual(['AWSCURRENT', 'AWSPENDING', 'GREEN']);
    expect(await aws.holder(secretId, 'AWSPREVIOUS')).toBe(first);
  });

  test('ignores the same token with the same value and changes no label', async () => {
    const secretId = await aws.secret();
    const token = randomUUID();
    await put(secretId, 'mine', { ClientRequestToken: token });
    await put(secretId, 'another', { VersionStages: ['AWSCURRENT', 'AWSPENDING'] });
    const before = await stages(secretId);
    expect(await put(secretId, 'mine', { ClientRequestToken: token })).toBe(token);
    expect(await put(secretId, 'mine', { ClientRequestToken: token, VersionStages: ['AWSPENDING'] })).toBe(token);
    expect(await stages(secretId)).toEqual(before);
  });

  test('refuses the same token with another value, also as binary, and keeps the stored value', async () => {
    const secretId = await aws.secret();
    const token = randomUUID();
    await put(secretId, 'mine', { ClientRequestToken: token });
    expect(await refusal(put(secretId, 'yours', { ClientRequestToken: token }))).toBe(
      `ResourceExistsException: You can't use ClientRequestToken ${token} because that value is already in use for a ` +
        `version of secret ${secretId}.`,
    );
    const binary = { SecretId: secretId, ClientRequestToken: token, SecretBinary: Buffer.from('mine') };
    expect(await refusal(aws.secrets.putSecretValue(binary))).toMatch(/^ResourceExistsException/);
    expect(await aws.value(secretId)).toBe('mine');
  });

  test('refuses no value, two values, and more than 65,536 bytes', async () => {
    const secretId = await aws.secret();
    const none = aws.secrets.putSecretValue({ SecretId: secretId });
    expect(await refusal(none)).toMatch(/^InvalidRequestException/);
    expect(await refusal(put(secretId, 'a', { SecretBinary: Buffer.from('b') }))).toMatch(/^InvalidParameterException/);
    expect(await refusal(put(secretId, 'é'.repeat(32_769)))).toMatch(/^InvalidParameterException/);
    expect(await refusal(put(secretId, 'x'.repeat(65_536)))).toBe('accepted');
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
    const dates = new Map(
      (await listed(secretId)).map((version) => [version.VersionId, version.CreatedDate?.getTime() ?? 0]),
    );
    const times = ids.map((id) => dates.get(id) ?? 0);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });
});

describe('UpdateSecret', () => {
  test('moves AWSCURRENT to the version of its token, and ignores the same token with the same value', async () => {
    const secretId = await aws.secret();
    const token = randomUUID();
    const update = (SecretString: string) =>
      aws.secrets.updateSecret({ SecretId: secretId, SecretString, ClientRequestToken: token });
    expect((await update('updated')).VersionId).toBe(token);
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(token);
    expect((await update('updated')).VersionId).toBe(token);
    expect(await refusal(update('other'))).toMatch(/^ResourceExistsException/);
  });

  test('changes a description without making a version', async () => {
    const secretId = await aws.secret();
    const before = await stages(secretId);
    await aws.secrets.updateSecret({ SecretId: secretId, Description: 'mine' });
    expect(await aws.describe(secretId)).toMatchObject({ Description: 'mine', VersionIdsToStages: before });
  });
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

  test('moves AWSCURRENT from the version that has it, and AWSPREVIOUS follows', async () => {
    const { secretId, first, second } = await twoVersions();
    await move(secretId, 'AWSCURRENT', { MoveToVersionId: second, RemoveFromVersionId: first });
    expect(await stages(secretId)).toEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSPENDING', 'AWSCURRENT'] });
    await move(secretId, 'AWSCURRENT', { MoveToVersionId: first, RemoveFromVersionId: second });
    expect(await stages(secretId)).toEqual({ [first]: ['AWSCURRENT'], [second]: ['AWSPENDING', 'AWSPREVIOUS'] });
  });

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
});

describe('a version that lost its last label', () => {
  async function threeVersions() {
    const secretId = await aws.secret('oldest');
    const oldest = present(await aws.holder(secretId, 'AWSCURRENT'));
    await put(secretId, 'middle');
    await put(secretId, 'newest');
    return { secretId, oldest };
  }

  test('is listed only with IncludeDeprecated, and without labels', async () => {
    const { secretId, oldest } = await threeVersions();
    expect((await listed(secretId)).map((version) => version.VersionId)).not.toContain(oldest);
    const version = (await listed(secretId, true)).find(({ VersionId }) => VersionId === oldest);
    expect(version).toBeDefined();
    expect(version?.VersionStages).toBeUndefined();
    expect(Object.keys((await stages(secretId)) ?? {})).not.toContain(oldest);
  });

  test('is read by its VersionId, and can get AWSCURRENT again', async () => {
    const { secretId, oldest } = await threeVersions();
    const read = await aws.secrets.getSecretValue({ SecretId: secretId, VersionId: oldest });
    expect(read.SecretString).toBe('oldest');
    const holder = present(await aws.holder(secretId, 'AWSCURRENT'));
    await move(secretId, 'AWSCURRENT', { MoveToVersionId: oldest, RemoveFromVersionId: holder });
    expect(await aws.value(secretId)).toBe('oldest');
  });

  test('is dropped if it is older than a day and 100 newer versions exist', { timeout: 30_000 }, async () => {
    const { secretId, oldest } = await threeVersions();
    for (let count = 0; count < 100; count++) await put(secretId, `value ${count}`);
    expect((await listed(secretId, true)).length + 1).toBeGreaterThan(100);
    const read = () => aws.secrets.getSecretValue({ SecretId: secretId, VersionId: oldest });
    expect(await refusal(read())).toBe('accepted');
    await aws.control('POST', 'clock', { advance_seconds: 25 * 3600 });
    await put(secretId, 'a day later');
    expect(await refusal(read())).toMatch(/^ResourceNotFoundException/);
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

test('a replica is readable in its region, and not writable there', async () => {
  const secretId = await aws.secret();
  const AddReplicaRegions = [{ Region: 'eu-west-1' }];
  await aws.secrets.replicateSecretToRegions({ SecretId: secretId, AddReplicaRegions });
  const second = await put(secretId, 'second');
  const elsewhere = new SecretsManager({ ...aws.clientConfig, region: 'eu-west-1' });
  const SecretId = present((await aws.describe(secretId)).Name);
  const read = await elsewhere.getSecretValue({ SecretId });
  expect(read).toMatchObject({ SecretString: 'second', VersionId: second });
  const write = elsewhere.putSecretValue({ SecretId, SecretString: 'third' });
  expect(await refusal(write)).toMatch(/^InvalidRequestException/);
});
