import { randomUUID } from 'node:crypto';
import { CloudTrailClient, paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import { Lambda } from '@aws-sdk/client-lambda';
import { beforeAll, describe, expect, test } from 'vitest';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import { bundleProgram, createFunction } from '../../local/cloud/lambda-function.ts';
import { awsOptions, secretsManager, servers, uniqueName } from '../support/servers.ts';

// Rules of AWS that a wrong product could pass without. Other tests on the emulator prove the rest:
// the contract of the secret store, and the tests of test/e2e.

const aws = secretsManager();

async function newSecret(value = 'first value'): Promise<CloudSecret> {
  const secret = new CloudSecret(servers().access, uniqueName('emulator'));
  await secret.create(value);
  return secret;
}

/** The code of the refusal, or `accepted`. */
function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'accepted',
    ({ name }: Error) => name,
  );
}

const put = (SecretId: string, SecretString: string, input = {}) =>
  aws.putSecretValue({ SecretId, SecretString, ...input });

describe('a version', () => {
  test('gets no 21st label of its secret', async () => {
    const { name } = await newSecret();
    const nineteen = Array.from({ length: 19 }, (_, index) => `LABEL${index}`);
    const { VersionId } = await put(name, 'labelled', { VersionStages: nineteen });
    expect(await refusal(put(name, 'one more', { VersionStages: ['LABEL19'] }))).toBe('LimitExceededException');
    const move = { SecretId: name, VersionStage: 'LABEL19', MoveToVersionId: VersionId };
    expect(await refusal(aws.updateSecretVersionStage(move))).toBe('LimitExceededException');
    expect(await refusal(put(name, 'moved', { VersionStages: ['LABEL0'] }))).toBe('accepted');
  });

  test('has a later date than the version before, also within a second', async () => {
    const { name } = await newSecret();
    const ids: unknown[] = [];
    for (const label of ['B', 'C', 'D']) ids.push((await put(name, label, { VersionStages: [label] })).VersionId);
    const { Versions = [] } = await aws.listSecretVersionIds({ SecretId: name });
    const times = ids.map((id) => Versions.find(({ VersionId }) => VersionId === id)?.CreatedDate?.getTime() ?? 0);
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
  });

  test.each<
    [string, (Name: string, version: { ClientRequestToken: string; SecretString: string }) => Promise<unknown>]
  >([
    ['CreateSecret', (Name, version) => aws.createSecret({ Name, ...version })],
    ['UpdateSecret', (SecretId, version) => aws.updateSecret({ SecretId, ...version })],
  ])('is not changed by a repeated %s', async (action, call) => {
    const [name, ClientRequestToken] = [uniqueName('emulator'), randomUUID()];
    if (action === 'UpdateSecret') await aws.createSecret({ Name: name, SecretString: 'first' });
    for (const _ of ['first call', 'repeated call']) await call(name, { ClientRequestToken, SecretString: 'mine' });
    expect((await new CloudSecret(servers().access, name).labels())['AWSCURRENT']).toBe(ClientRequestToken);
    expect(await refusal(call(name, { ClientRequestToken, SecretString: 'yours' }))).toBe('ResourceExistsException');
  });

  test('keeps AWSCURRENT until another version gets it', async () => {
    const secret = await newSecret();
    const { AWSCURRENT = '' } = await secret.labels();
    const removal = { SecretId: secret.name, VersionStage: 'AWSCURRENT', RemoveFromVersionId: AWSCURRENT };
    expect(await refusal(aws.updateSecretVersionStage(removal))).toBe('InvalidParameterException');
  });
});

test('a label that no version has does not move from a version', async () => {
  const secret = await newSecret();
  const { AWSCURRENT = '' } = await secret.labels();
  const move = {
    SecretId: secret.name,
    VersionStage: 'FREE',
    MoveToVersionId: AWSCURRENT,
    RemoveFromVersionId: AWSCURRENT,
  };
  expect(await refusal(aws.updateSecretVersionStage(move))).toBe('InvalidParameterException');
});

describe('a rotation', () => {
  let working = '';
  let failing = '';

  beforeAll(async () => {
    const source = await bundleProgram('test/support/rotation-function.ts');
    const create = (environment = {}) =>
      createFunction(servers().access, uniqueName('rotation'), source, { environment });
    [working, failing] = await Promise.all([create(), create({ FAIL_STEP: 'testSecret' })]);
  });

  const historyOf = async (secret: CloudSecret) => (await secret.until()).history;

  async function configured(functionArn: string): Promise<CloudSecret> {
    const secret = await newSecret();
    await secret.configureRotation(functionArn);
    return secret;
  }

  test('that failed is repeated with its token, then stops with AWSPENDING, and lets no other start', async () => {
    const secret = await configured(failing);
    await secret.setRetries(1);
    const token = randomUUID();
    await secret.startRotation(token);
    const [, , ...events] = await historyOf(secret);
    expect(events.map((entry) => [entry.event, entry.token])).toEqual(
      ['RotationStarted', 'RotationFailed', 'RotationStarted', 'RotationFailed'].map((event) => [event, token]),
    );
    expect(JSON.stringify(events)).not.toContain('configured to fail');
    expect((await secret.labels())['AWSPENDING']).toBe(token);
    expect(await secret.value()).toBe('first value');
    await secret.setRetries(0);
    expect(await refusal(secret.startRotation())).toBe('InvalidRequestException');
  });

  test('that only tests a schedule leaves no version, also if it fails', async () => {
    for (const [functionArn, end] of [[working, 'Succeeded'] as const, [failing, 'Failed'] as const]) {
      const secret = await configured(functionArn);
      const history = await historyOf(secret);
      expect(history.map(({ event }) => event)).toEqual(['TestRotationStarted', `TestRotation${end}`]);
      expect(Object.keys(await secret.labels())).toEqual(['AWSCURRENT']);
    }
  });

  test('has a window every eight hours with /8', async () => {
    const { name } = await configured(working);
    const RotationRules = { ScheduleExpression: 'cron(0 /8 * * ? *)' };
    await aws.rotateSecret({ SecretId: name, RotationRules, RotateImmediately: false });
    const { NextRotationDate } = await aws.describeSecret({ SecretId: name });
    expect([0, 8, 16]).toContain(NextRotationDate?.getUTCHours());
  });

  test('lets another start only after somebody has removed AWSPENDING, even while a step runs', async () => {
    const secret = await configured(working);
    await secret.holdBefore('testSecret');
    const [first, second] = [randomUUID(), randomUUID()];
    await secret.startRotation(first);
    const view = await secret.until('held');
    expect(view).toMatchObject({ step: 'testSecret', token: first, attempt: 1 });
    expect(view.history.at(-1)).toMatchObject({ event: 'RotationStarted', attempt: 1, at: expect.any(Number) });
    expect(await refusal(secret.startRotation(second))).toBe('InvalidRequestException');
    await secret.removePendingByHand();
    await secret.startRotation(second);
    await secret.release();
    expect((await historyOf(secret)).at(-1)).toMatchObject({ event: 'RotationSucceeded', token: second });
    expect((await secret.labels())['AWSCURRENT']).toBe(second);
    // A token that is used starts nothing.
    await secret.startRotation(second);
    expect((await historyOf(secret)).filter(({ token }) => token === second)).toHaveLength(2);
  });

  test('is in the event history of CloudTrail, also on a later page', async () => {
    const StartTime = new Date();
    const secrets = [await configured(working), await configured(working)];
    for (const secret of secrets) {
      await secret.startRotation(randomUUID());
      await historyOf(secret);
    }
    const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: 'RotationStarted' }];
    const client = new CloudTrailClient(awsOptions());
    const pages = paginateLookupEvents({ client }, { LookupAttributes, StartTime, MaxResults: 1 });
    const events = (await Array.fromAsync(pages)).flatMap(({ Events = [] }) => Events);
    for (const { name } of secrets) {
      expect(events.filter(({ CloudTrailEvent = '' }) => CloudTrailEvent.includes(name))).toHaveLength(1);
    }
  });

  test("ends with a person's new value", async () => {
    const secret = await configured(working);
    await secret.holdBefore('finishSecret');
    const token = randomUUID();
    await secret.startRotation(token);
    await secret.until('held');
    await put(secret.name, 'aside', { VersionStages: ['ASIDE'] });
    expect((await secret.labels())['AWSPENDING']).toBe(token);
    await put(secret.name, 'written by a person');
    expect((await historyOf(secret)).at(-1)).toMatchObject({ event: 'RotationAbandoned', token });
    expect(await secret.value()).toBe('written by a person');
    const foreign = { VersionStages: ['ASIDE'], RotationToken: randomUUID() };
    expect(await refusal(put(secret.name, 'stolen', foreign))).toBe('InvalidParameterException');
  });

  test.each([
    ['nobody', undefined],
    ['another account', { SourceAccount: '111122223333' }],
    ['another service', { Principal: 'events.amazonaws.com' }],
  ])('is refused if the policy of the function names %s', async (_, caller) => {
    const lambda = new Lambda(awsOptions());
    const RotationLambdaARN = await createFunction(
      servers().access,
      uniqueName('rotation'),
      'export const handler = null;',
    );
    const target = { FunctionName: RotationLambdaARN, Action: 'lambda:InvokeFunction' };
    await lambda.removePermission({ ...target, StatementId: 'secrets-manager' });
    if (caller !== undefined) {
      const Principal = 'secretsmanager.amazonaws.com';
      await lambda.addPermission({ ...target, StatementId: 'caller', Principal, ...caller });
    }
    const { name } = await newSecret();
    expect(await refusal(aws.rotateSecret({ SecretId: name, RotationLambdaARN }))).toBe('AccessDeniedException');
    expect((await aws.describeSecret({ SecretId: name })).RotationEnabled).toBeUndefined();
  });
});
