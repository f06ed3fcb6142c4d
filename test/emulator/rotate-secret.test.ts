import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { account, localAws, permit, refusal, region } from './support/local-aws.ts';

// The contract of the secret store proves the empty version that a start adds:
// secrets-manager-store.server.test.ts.
const aws = localAws();
/** Variables of the process that started the emulator, which functions do not get. */
const INHERITED = /^(NODE_|VITEST|npm_|PYTHON|AWS_PROFILE|AWS_CONFIG)/;
const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

describe('RotateSecret', { timeout: 30_000 }, () => {
  test('runs the four steps with the events of AWS, on Node 24, and leaves the new version current', async () => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    const before = await aws.holder(secretId, 'AWSCURRENT');
    const name = (await aws.describe(secretId)).Name ?? '';
    const { token } = await aws.rotateToEnd(name, configuration);
    const RotationToken = rotation.notes()[0]?.RotationToken;
    expect(RotationToken).toMatch(/^[0-9a-f-]{36}$/);
    expect(rotation.notes()).toMatchObject(
      steps.map((Step) => ({ Step, SecretId: secretId, ClientRequestToken: token, RotationToken })),
    );
    const [{ node, environment } = {}] = rotation.notes();
    expect(node).toMatch(/^v24\./);
    expect(environment?.filter((variable) => INHERITED.test(variable))).toEqual([]);
    const { VersionIdsToStages, NextRotationDate } = await aws.describe(secretId);
    expect(VersionIdsToStages).toEqual({ [before ?? '']: ['AWSPREVIOUS'], [token]: ['AWSPENDING', 'AWSCURRENT'] });
    expect(NextRotationDate).toBeUndefined();
    expect(await aws.value(secretId)).toBe(`rotated to ${token}`);
  });

  test('uses the stored function and rules if the call names none', async () => {
    const { secretId, configuration } = await aws.secretAndFunction();
    const RotationRules = { ScheduleExpression: 'rate(10 days)', Duration: '2h' };
    const { token: first } = await aws.rotateToEnd(secretId, { ...configuration, RotationRules });
    const { token: second } = await aws.rotateToEnd(secretId);
    expect(second).not.toBe(first);
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(second);
    expect(await aws.describe(secretId)).toMatchObject({ RotationEnabled: true, ...configuration, RotationRules });
  });

  test('sends the events of AWS, and accepts a start right after RotationSucceeded', async () => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    const received = await aws.eventsOf(secretId);
    const first = await aws.rotate(secretId, configuration);
    const common = { source: 'aws.secretsmanager', 'detail-type': 'AWS Service Event via CloudTrail', account, region };
    const detail = { eventSource: 'secretsmanager.amazonaws.com', eventType: 'AwsServiceEvent' };
    expect(await received('RotationSucceeded')).toMatchObject(
      ['RotationStarted', 'RotationSucceeded'].map((eventName) => ({
        ...common,
        detail: { ...detail, eventName, additionalEventData: { SecretId: secretId } },
      })),
    );
    const second = await aws.rotate(secretId);
    await received('RotationSucceeded');
    await aws.until(secretId, 'idle');
    const tokens = rotation.notes().map((note) => note.ClientRequestToken);
    expect(tokens).toEqual([...steps.map(() => first), ...steps.map(() => second)]);
  });

  test('starts nothing for a token that is already used', async () => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    const token = randomUUID();
    await aws.rotate(secretId, { ...configuration, ClientRequestToken: token });
    expect(await aws.rotate(secretId, { ClientRequestToken: token })).toBe(token);
    await aws.until(secretId, 'idle');
    expect(await aws.rotate(secretId, { ClientRequestToken: token })).toBe(token);
    expect(rotation.notes()).toHaveLength(steps.length);
  });

  test('refuses a secret without a function', async () => {
    expect(await refusal(aws.rotate(await aws.secret()))).toMatch(/^InvalidRequestException/);
  });
});

describe('the permission to invoke the function', { timeout: 30_000 }, () => {
  test.each([
    ['names nobody', undefined],
    ['names another source account', { SourceAccount: '111122223333' }],
    ['names another service', { Principal: 'events.amazonaws.com' }],
  ])('is missing if the policy %s, and the secret stays unconfigured', async (_, caller) => {
    const [secretId, rotation] = await Promise.all([aws.secret(), aws.rotationFunction({}, false)]);
    if (caller !== undefined) await permit(aws.lambda, rotation.arn, caller);
    for (const RotationLambdaARN of [rotation.arn, `${rotation.arn}-missing`]) {
      expect(await refusal(aws.rotate(secretId, { RotationLambdaARN }))).toMatch(/^AccessDeniedException/);
    }
    const { RotationEnabled, RotationLambdaARN } = await aws.describe(secretId);
    expect([RotationEnabled, RotationLambdaARN]).toEqual([undefined, undefined]);
  });
});

describe('RotateImmediately=false', { timeout: 30_000 }, () => {
  test('runs only testSecret, on a copy of the current value that is removed afterwards', async () => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    const current = await aws.holder(secretId, 'AWSCURRENT');
    const token = await aws.holdBefore('testSecret', secretId, { ...configuration, RotateImmediately: false });
    expect(await aws.value(secretId, 'AWSPENDING')).toBe('first value');
    expect(await aws.holder(secretId, 'AWSPENDING')).toBe(token);
    const { history } = await aws.release(secretId);
    expect(rotation.notes().map((note) => [note.Step, note.ClientRequestToken])).toEqual([['testSecret', token]]);
    expect(history.map((entry) => entry.event)).toEqual(['TestRotationStarted', 'TestRotationSucceeded']);
    const described = await aws.describe(secretId);
    expect(described.VersionIdsToStages).toEqual({ [current ?? '']: ['AWSCURRENT'] });
    expect(described.LastRotatedDate).toBeUndefined();
  });

  test('leaves the secret unchanged if testSecret fails, and does not retry', async () => {
    const { secretId, rotation } = await aws.secretAndFunction({ failStep: 'testSecret', failTimes: 9 });
    const { history } = await aws.rotateToEnd(secretId, { RotationLambdaARN: rotation.arn, RotateImmediately: false });
    expect(rotation.notes()).toHaveLength(1);
    expect(history.map((entry) => entry.event)).toEqual(['TestRotationStarted', 'TestRotationFailed']);
    expect(await aws.holder(secretId, 'AWSPENDING')).toBeUndefined();
    expect(await aws.value(secretId)).toBe('first value');
  });
});

describe('an incomplete rotation', { timeout: 30_000 }, () => {
  const incomplete = /^InvalidRequestException/;

  test('makes RotateSecret refuse another start, both during the rotation and after its failure', async () => {
    const { secretId, configuration } = await aws.secretAndFunction({ failStep: 'setSecret', failTimes: 9 });
    await aws.control('PUT', 'retries', { secret: secretId, retries: 0 });
    await aws.holdBefore('createSecret', secretId, configuration);
    expect(await refusal(aws.rotate(secretId))).toMatch(incomplete);
    await aws.release(secretId);
    expect(await refusal(aws.rotate(secretId))).toMatch(incomplete);
    expect(await refusal(aws.rotate(secretId, { RotateImmediately: false }))).toMatch(incomplete);
  });

  test('no longer blocks a start after somebody removes AWSPENDING, even while a step runs', async () => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    const first = await aws.holdBefore('testSecret', secretId, configuration);
    const remove = { SecretId: secretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: first };
    await aws.secrets.updateSecretVersionStage(remove);
    const second = await aws.rotate(secretId);
    const { history } = await aws.release(secretId);
    expect(history.map((entry) => [entry.event, entry.token])).toEqual([
      ['RotationStarted', first],
      ['RotationStarted', second],
      ['RotationSucceeded', second],
    ]);
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(second);
    expect(rotation.notes().map((note) => note.ClientRequestToken)).toEqual([first, first, ...steps.map(() => second)]);
  });

  test('is attempted again with its token after CancelRotateSecret and a refused start', async () => {
    const { secretId, configuration } = await aws.secretAndFunction({ failStep: 'setSecret', failTimes: 1 });
    await aws.control('PUT', 'retries', { secret: secretId, retries: 0 });
    const { token } = await aws.rotateToEnd(secretId, configuration);
    await aws.secrets.cancelRotateSecret({ SecretId: secretId });
    expect((await aws.describe(secretId)).RotationEnabled).toBe(false);
    await aws.control('PUT', 'retries', { secret: secretId, retries: 1, spacing_seconds: 0 });
    expect(await refusal(aws.rotate(secretId))).toMatch(incomplete);
    expect((await aws.describe(secretId)).RotationEnabled).toBe(true);
    await aws.until(secretId, 'idle');
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(token);
  });
});

test('PutSecretValue refuses the RotationToken of no running rotation', async () => {
  const secretId = await aws.secret();
  const put = { SecretId: secretId, SecretString: 'stolen', RotationToken: randomUUID() };
  expect(await refusal(aws.secrets.putSecretValue(put))).toMatch(/^InvalidParameterException/);
});
