import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { account, localAws, permit, refusal, region } from './support/local-aws.ts';

const aws = localAws();
const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

describe('RotateSecret', { timeout: 30_000 }, () => {
  test('runs the four steps in order and leaves the new version current', async () => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    const before = await aws.holder(secretId, 'AWSCURRENT');
    const { token } = await aws.rotateToEnd(secretId, configuration);
    expect(rotation.notes().map((note) => note.Step)).toEqual(steps);
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(token);
    expect(await aws.holder(secretId, 'AWSPENDING')).toBe(token);
    expect(await aws.holder(secretId, 'AWSPREVIOUS')).toBe(before);
    expect(await aws.value(secretId)).toBe(`rotated to ${token}`);
  });

  test('gives every step the event of AWS, with the ARN even if the call named the secret', async () => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    const name = (await aws.describe(secretId)).Name ?? '';
    const token = await aws.rotate(name, { ...configuration, ClientRequestToken: randomUUID() });
    await aws.until(secretId, 'idle');
    const events = rotation.notes().map(({ node: _node, environment: _environment, ...event }) => event);
    const RotationToken = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(events).toEqual(
      steps.map((Step) => ({ Step, SecretId: secretId, ClientRequestToken: token, RotationToken })),
    );
    expect(new Set(events.map((event) => event.RotationToken)).size).toBe(1);
  });

  test('runs the function on Node 24, without the environment of the process that started the emulator', async () => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    await aws.rotateToEnd(secretId, configuration);
    const [note] = rotation.notes();
    expect(note?.node).toMatch(/^v24\./);
    expect(note?.environment.filter((name) => /^(NODE_|VITEST|npm_|PYTHON|AWS_PROFILE|AWS_CONFIG)/.test(name))).toEqual(
      [],
    );
  });

  test('answers before the first step, with an empty version that only DescribeSecret shows', async () => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    const token = await aws.holdBefore('createSecret', secretId, {
      ...configuration,
      ClientRequestToken: randomUUID(),
    });
    expect(rotation.notes()).toEqual([]);
    expect(await aws.holder(secretId, 'AWSPENDING')).toBe(token);
    expect(await aws.value(secretId, 'AWSPENDING')).toBe('ResourceNotFoundException');
    const byId = aws.secrets.getSecretValue({ SecretId: secretId, VersionId: token });
    expect(await refusal(byId)).toMatch(/^ResourceNotFoundException/);
    const listed = await aws.secrets.listSecretVersionIds({ SecretId: secretId, IncludeDeprecated: true });
    expect(listed.Versions?.map((version) => version.VersionId)).not.toContain(token);
    await aws.release(secretId);
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

  test('accepts a start right after RotationSucceeded, and each rotation runs once', async () => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    const received = await aws.eventsOf(secretId);
    const first = await aws.rotate(secretId, configuration);
    await received('RotationSucceeded');
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

  test('refuses a secret without a function, with the message of AWS', async () => {
    const secretId = await aws.secret();
    expect(await refusal(aws.rotate(secretId))).toBe(
      'InvalidRequestException: No Lambda rotation function ARN is associated with this secret.',
    );
  });
});

describe('the permission to invoke the function', { timeout: 30_000 }, () => {
  const denied =
    'AccessDeniedException: Secrets Manager cannot invoke the specified Lambda function. ' +
    'Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.';

  test('is checked by RotateSecret, which otherwise leaves the secret unconfigured', async () => {
    const [secretId, rotation] = await Promise.all([aws.secret(), aws.rotationFunction({}, false)]);
    expect(await refusal(aws.rotate(secretId, { RotationLambdaARN: rotation.arn }))).toBe(denied);
    const described = await aws.describe(secretId);
    expect(described.RotationEnabled).toBeUndefined();
    expect(described.RotationLambdaARN).toBeUndefined();
  });

  test('is missing for a function that does not exist', async () => {
    const secretId = await aws.secret();
    const missing = `arn:aws:lambda:${region}:${account}:function:missing`;
    expect(await refusal(aws.rotate(secretId, { RotationLambdaARN: missing }))).toBe(denied);
  });

  test.each([
    ['source account', { SourceAccount: '111122223333' }],
    ['service', { Principal: 'events.amazonaws.com' }],
  ])('is missing if the policy names another %s', async (_, caller) => {
    const [secretId, rotation] = await Promise.all([aws.secret(), aws.rotationFunction({}, false)]);
    await permit(aws.lambda, rotation.arn, caller);
    expect(await refusal(aws.rotate(secretId, { RotationLambdaARN: rotation.arn }))).toBe(denied);
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
  const incomplete = "InvalidRequestException: A previous rotation isn't complete. That rotation will be reattempted.";

  test('makes RotateSecret refuse another start, both during the rotation and after its failure', async () => {
    const { secretId, configuration } = await aws.secretAndFunction({ failStep: 'setSecret', failTimes: 9 });
    await aws.control('PUT', 'retries', { secret: secretId, retries: 0 });
    await aws.holdBefore('createSecret', secretId, configuration);
    expect(await refusal(aws.rotate(secretId))).toBe(incomplete);
    await aws.release(secretId);
    expect(await refusal(aws.rotate(secretId))).toBe(incomplete);
    expect(await refusal(aws.rotate(secretId, { RotateImmediately: false }))).toBe(incomplete);
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

  test('is attempted again with its token after a refused start', async () => {
    const { secretId, configuration } = await aws.secretAndFunction({ failStep: 'setSecret', failTimes: 1 });
    await aws.control('PUT', 'retries', { secret: secretId, retries: 0 });
    const { token } = await aws.rotateToEnd(secretId, configuration);
    await aws.control('PUT', 'retries', { secret: secretId, retries: 1, spacing_seconds: 0 });
    expect(await refusal(aws.rotate(secretId))).toBe(incomplete);
    await aws.until(secretId, 'idle');
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(token);
  });

  test('leaves rotation turned on after CancelRotateSecret and a refused start', async () => {
    const { secretId, configuration } = await aws.secretAndFunction({ failStep: 'setSecret', failTimes: 9 });
    await aws.control('PUT', 'retries', { secret: secretId, retries: 0 });
    await aws.rotateToEnd(secretId, configuration);
    await aws.secrets.cancelRotateSecret({ SecretId: secretId });
    expect((await aws.describe(secretId)).RotationEnabled).toBe(false);
    expect(await refusal(aws.rotate(secretId))).toBe(incomplete);
    expect((await aws.describe(secretId)).RotationEnabled).toBe(true);
  });

  test('is left by a function that succeeds and moves no label', async () => {
    const { secretId, configuration } = await aws.secretAndFunction({ promote: false });
    await aws.control('PUT', 'retries', { secret: secretId, retries: 0 });
    const { history } = await aws.rotateToEnd(secretId, configuration);
    expect(history.at(-1)?.event).toBe('RotationFailed');
    expect(await refusal(aws.rotate(secretId))).toBe(incomplete);
  });
});

test('a rotation sends events to EventBridge in the format of AWS', async () => {
  const { secretId, configuration } = await aws.secretAndFunction();
  const received = await aws.eventsOf(secretId);
  await aws.rotate(secretId, configuration);
  const events = await received('RotationSucceeded');
  expect(events.map((event) => (event['detail'] as { eventName: string }).eventName)).toEqual([
    'RotationStarted',
    'RotationSucceeded',
  ]);
  expect(events[0]).toMatchObject({
    source: 'aws.secretsmanager',
    'detail-type': 'AWS Service Event via CloudTrail',
    account,
    region,
    resources: [],
    detail: {
      eventSource: 'secretsmanager.amazonaws.com',
      eventName: 'RotationStarted',
      eventType: 'AwsServiceEvent',
      additionalEventData: { SecretId: secretId },
    },
  });
});

test('PutSecretValue refuses the RotationToken of no running rotation', async () => {
  const secretId = await aws.secret();
  const put = { SecretId: secretId, SecretString: 'stolen', RotationToken: randomUUID() };
  expect(await refusal(aws.secrets.putSecretValue(put))).toMatch(/^InvalidParameterException/);
});

test('rotations of different secrets run at the same time', async () => {
  const [{ secretId: first, configuration }, second] = await Promise.all([aws.secretAndFunction(), aws.secret()]);
  await aws.holdBefore('setSecret', first, configuration);
  await aws.rotateToEnd(second, configuration);
  expect((await aws.until(first, 'held')).step).toBe('setSecret');
  expect((await aws.release(first)).history.at(-1)?.event).toBe('RotationSucceeded');
});
