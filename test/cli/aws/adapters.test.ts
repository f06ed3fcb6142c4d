import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFunctionReader, createStepsReader } from '../../../cli/aws/function-reader.ts';
import { createSdkInspection } from '../../../cli/aws/sdk-inspection.ts';
import { createSecretsManagerRotationService } from '../../../cli/aws/secrets-manager-rotation-service.ts';
import { type Answer, clientConfig } from '../../support/aws-answers.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:zilliz-rotation';

/** Ctrl-C. */
let interruption: AbortController;

beforeEach(() => {
  interruption = new AbortController();
});

function rotationService(...answers: Answer[]) {
  const { config, requests } = clientConfig(...answers);
  const { signal } = interruption;
  return { service: createSecretsManagerRotationService(new SecretsManagerClient(config), signal), requests };
}

function refusing(type: string, message: string): Answer {
  return { status: 400, body: { __type: type, message } };
}

describe('the rotation service on Secrets Manager', () => {
  it('reads versions, rotation, schedule and dates from DescribeSecret', async () => {
    const { service } = rotationService({
      body: {
        ARN: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf',
        Name: 'orders',
        RotationEnabled: true,
        RotationLambdaARN: ARN,
        RotationRules: { ScheduleExpression: 'rate(30 days)', Duration: '2h' },
        KmsKeyId: 'alias/secrets',
        LastRotatedDate: 1_700_000_000,
        LastAccessedDate: 1_699_920_000,
        NextRotationDate: 1_702_592_000.5,
        CreatedDate: 1_600_000_000,
        LastChangedDate: 1_700_000_001,
        VersionIdsToStages: { one: ['AWSPREVIOUS'], two: ['AWSCURRENT', 'AWSPENDING'] },
        Tags: [{ Key: 'zilliz:endpoint', Value: 'https://cluster' }],
      },
    });

    expect(await service.describeSecret('orders')).toEqual({
      arn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf',
      name: 'orders',
      rotationEnabled: true,
      rotationFunctionArn: ARN,
      schedule: 'rate(30 days)',
      lastRotatedAt: 1_700_000_000_000,
      nextRotationAt: 1_702_592_000_500,
      lastAccessedAt: 1_699_920_000_000,
      createdAt: 1_600_000_000_000,
      kmsKeyId: 'alias/secrets',
      window: '2h',
      lastChangedAt: 1_700_000_001_000,
      deletedAt: undefined,
      versions: [
        { versionId: 'one', labels: ['AWSPREVIOUS'] },
        { versionId: 'two', labels: ['AWSCURRENT', 'AWSPENDING'] },
      ],
      tags: { 'zilliz:endpoint': 'https://cluster' },
    });
  });

  it('reads every page of ListSecrets', async () => {
    const { service, requests } = rotationService(
      {
        body: {
          SecretList: [{ ARN: 'arn:one', Name: 'one', SecretVersionsToStages: { v1: ['AWSCURRENT'] } }],
          NextToken: 'more',
        },
      },
      { body: { SecretList: [{ ARN: 'arn:two', Name: 'two', RotationLambdaARN: ARN }] } },
    );

    expect(await service.listSecrets()).toMatchObject([
      { arn: 'arn:one', name: 'one', versions: [{ versionId: 'v1', labels: ['AWSCURRENT'] }] },
      { arn: 'arn:two', name: 'two', rotationFunctionArn: ARN },
    ]);
    expect(requests.map(({ body }) => body)).toEqual([{ MaxResults: 100 }, { MaxResults: 100, NextToken: 'more' }]);
  });

  it('asks for no further page of ListSecrets after Ctrl-C', async () => {
    const { service, requests } = rotationService(
      { body: { SecretList: [], NextToken: 'more' } },
      { body: { SecretList: [] } },
    );
    interruption.abort();

    await expect(service.listSecrets()).rejects.toMatchObject({ name: 'AwsError', action: 'ListSecrets' });
    expect(requests).toHaveLength(1);
  });

  it('converts AutomaticallyAfterDays to a schedule expression', async () => {
    const { service } = rotationService({ body: { RotationRules: { AutomaticallyAfterDays: 7 } } });

    expect((await service.describeSecret('orders')).schedule).toBe('rate(7 days)');
  });

  it('creates a secret, and may repeat the request with the same version', async () => {
    const { service, requests } = rotationService({ body: {} });
    const versionId = 'f0000000-0000-4000-8000-000000000001';

    const created = await service.createSecret({
      name: 'orders',
      versionId,
      value: '{}',
      description: 'A credential',
      tags: { 'zilliz:endpoint': 'https://cluster' },
    });

    expect(created).toBe('created');
    expect(requests[0]?.body).toEqual({
      Name: 'orders',
      ClientRequestToken: versionId,
      SecretString: '{}',
      Description: 'A credential',
      Tags: [{ Key: 'zilliz:endpoint', Value: 'https://cluster' }],
    });
  });

  it.each([
    ['ResourceExistsException', 'exists'],
    ['AccessDeniedException', 'access-denied'],
  ])('answers %s to CreateSecret with %s', async (name, expected) => {
    const { service } = rotationService(refusing(name, 'no'));
    const secret = { name: 'orders', versionId: 'v1', value: '{}', description: '', tags: {} };

    const answer = await service.createSecret(secret).catch(({ kind }: { kind: string }) => kind);

    expect(answer).toBe(expected);
  });

  it.each([
    [
      'InvalidRequestException',
      "A previous rotation isn't complete. That rotation will be reattempted.",
      'previous-incomplete',
    ],
    ['AccessDeniedException', 'Secrets Manager cannot invoke the specified Lambda function.', 'not-invocable'],
    ['ResourceNotFoundException', 'Lambda does not exist.', 'not-invocable'],
    ['InvalidRequestException', 'Something new.', 'other'],
  ])('returns a refusal of RotateSecret as a value: %s, %s', async (type, message, reason) => {
    const { service } = rotationService(refusing(type, message));

    expect(await service.startRotation('orders', 'f0000000-0000-4000-8000-000000000001')).toMatchObject({
      kind: 'refused',
      reason,
    });
  });

  it.each([
    ['AccessDeniedException', 'access-denied'],
    ['ExpiredTokenException', 'credentials-expired'],
    ['UnrecognizedClientException', 'credentials-invalid'],
    ['ResourceNotFoundException', 'not-found'],
    ['ThrottlingException', 'throttled'],
    ['InternalServiceError', 'other'],
    ['ECONNREFUSED', 'unreachable'],
  ])('throws an AwsError if AWS gives no answer or refuses the caller: %s', async (code, kind) => {
    const isNetwork = code.startsWith('ECONN');
    const { service } = rotationService(
      isNetwork ? { fails: Object.assign(new Error('connect'), { code }) } : refusing(code, 'no'),
    );
    const error = { name: 'AwsError', kind, action: 'DescribeSecret' };

    await expect(service.describeSecret('orders')).rejects.toMatchObject(error);
  });

  it.each([
    ['region', 'Error', 'Region is missing', 'region-missing'],
    ['credentials', 'CredentialsProviderError', 'Could not load credentials', 'credentials-missing'],
  ])('throws an AwsError without %s', async (setting, name, message, kind) => {
    const error = Object.assign(new Error(message), { name });
    const { config } = clientConfig({ body: {} });
    const client = new SecretsManagerClient({ ...config, [setting]: () => Promise.reject(error) });

    const service = createSecretsManagerRotationService(client, interruption.signal);
    await expect(service.describeSecret('orders')).rejects.toMatchObject({ kind });
  });
});

describe('the function log on CloudWatch', () => {
  const VERSION = 'f0000000-0000-4000-8000-000000000001';
  const started = { rotation_event: 'step-started', step: 'createSecret', version_id: VERSION, message: 'started' };

  function events(...messages: readonly string[]) {
    return messages.map((message, index) => ({ eventId: message, timestamp: 1000 + index, message }));
  }

  function log(lambda: Answer[], logs: Answer[]) {
    const lambdaClient = clientConfig(...lambda);
    const logsClient = clientConfig(...logs);
    const readFunction = createFunctionReader(new LambdaClient(lambdaClient.config));
    const client = new CloudWatchLogsClient(logsClient.config);
    const { requests } = logsClient;
    /** How many pages were read before each wait. */
    const waits: number[] = [];
    const pace = { wait: async () => void waits.push(requests.length) };
    const reading = { interrupted: interruption.signal, pace };
    return { log: createStepsReader(client, readFunction, reading), requests, waits };
  }

  it('reads all pages of lines of one version from the log group of the function, oldest first', async () => {
    const finished = JSON.stringify({ ...started, rotation_event: 'step-finished' });
    const other = JSON.stringify({ ...started, version_id: 'another' });
    const first = [{ timestamp: 2000, message: finished }];
    const second = [`2026-03-01\tINFO\t${JSON.stringify(started)}`, other, `REPORT ${VERSION}`];
    const { log: readSteps, requests } = log(
      [{ body: { LoggingConfig: { LogGroup: '/own/group' } } }],
      [{ body: { events: first, nextToken: 'more' } }, { body: { events: events(...second) } }],
    );

    const lines = await readSteps(ARN, { since: 500 }, { versionId: VERSION });

    expect(lines.map(({ at, event }) => ({ at, event }))).toEqual([
      { at: 1000, event: 'step-started' },
      { at: 2000, event: 'step-finished' },
    ]);
    expect(requests[0]?.body).toMatchObject({
      logGroupName: '/own/group',
      startTime: 500,
      filterPattern: `"${VERSION}"`,
    });
  });

  it('reads the default log group if it may not read the configuration of the function', async () => {
    const { log: readSteps, requests } = log(
      [refusing('AccessDeniedException', 'not authorized')],
      [{ body: { events: [] } }],
    );

    expect(await readSteps(ARN, { since: 0 })).toEqual([]);
    expect(requests[0]?.body).toMatchObject({ logGroupName: '/aws/lambda/zilliz-rotation' });
  });

  it('reads the lines that begin or end a step or name an API key in a period, of every secret or of one', async () => {
    const of = (secret: string, event: string) =>
      JSON.stringify({ ...started, rotation_event: event, secret_arn: `arn:${secret}` });
    const lines = [of('a', 'step-started'), of('a', 'login-awaited'), of('b', 'step-finished'), of('a', 'key-created')];
    const { log: readSteps, requests } = log([{ body: {} }], [{ body: { events: events(...lines) } }]);

    const all = await readSteps(ARN, { since: 500, until: 9000 });
    const ofOne = await readSteps(ARN, { since: 500, until: 9000 }, { secretArn: 'arn:b' });

    expect(all.map(({ at, secretArn }) => [at, secretArn])).toEqual([
      [1000, 'arn:a'],
      [1002, 'arn:b'],
      [1003, 'arn:a'],
    ]);
    expect(ofOne.map(({ at }) => at)).toEqual([1002]);
    expect(requests.map(({ body }) => body)).toMatchObject([
      { startTime: 500, endTime: 9000, filterPattern: '"rotation_event"' },
      { startTime: 500, endTime: 9000, filterPattern: '"arn:b"' },
    ]);
  });

  it('waits before each further page, because AWS allows five a second', async () => {
    const more = { body: { events: [], nextToken: 'more' } };
    const { log: readSteps, waits } = log([{ body: {} }], [more, more, { body: { events: [] } }]);

    await readSteps(ARN, { since: 0 });

    expect(waits).toEqual([1, 2]);
  });

  it('ends after the running request at Ctrl-C, and after one page if there is no other', async () => {
    const { log: readSteps, requests } = log(
      [{ body: {} }],
      [{ body: { events: [], nextToken: 'more' } }, { body: { events: events(JSON.stringify(started)) } }],
    );
    interruption.abort();

    await expect(readSteps(ARN, { since: 0 })).rejects.toMatchObject({ name: 'AwsError' });
    expect(requests).toHaveLength(1);
    // After Ctrl-C, rotate still says what the log says last.
    expect(await readSteps(ARN, { since: 0 })).toHaveLength(1);
  });

  it('throws an AwsError if it may not read the log', async () => {
    const { log: readSteps } = log([{ body: {} }], [refusing('AccessDeniedException', 'not authorized')]);

    await expect(readSteps(ARN, { since: 0 })).rejects.toMatchObject({
      name: 'AwsError',
      kind: 'access-denied',
    });
  });
});

describe('the alarms on CloudWatch', () => {
  it('are read to the end, unless Ctrl-C comes before', async () => {
    const of = (name: string) => [{ AlarmName: name, Dimensions: [{ Name: 'FunctionName', Value: 'rotation' }] }];
    const pages = [{ body: { MetricAlarms: of('a'), NextToken: 'more' } }, { body: { MetricAlarms: of('b') } }];
    const [whole, ended] = [clientConfig(...pages), clientConfig(...pages)];

    const alarms = await createSdkInspection(whole.config, interruption.signal).alarmsOf('rotation');
    interruption.abort();
    const interrupted = createSdkInspection(ended.config, interruption.signal).alarmsOf('rotation');

    await expect(interrupted).rejects.toMatchObject({ name: 'AwsError', action: 'DescribeAlarms' });
    expect([alarms.map(({ name }) => name), ended.requests.length]).toEqual([['a', 'b'], 1]);
  });
});

function environmentReader(...answers: Answer[]) {
  const { config, requests } = clientConfig(...answers);
  const readFunction = createFunctionReader(new LambdaClient(config));
  return { read: async (arn: string) => (await readFunction(arn)).environment(), requests };
}

describe('the environment of a function on Lambda', () => {
  it('is read once for each function', async () => {
    const Environment = { Variables: { SECRET_TARGETS: '{}' } };
    const { read, requests } = environmentReader({ body: { Environment } }, { body: {} });

    expect(await Promise.all([read(ARN), read(ARN)])).toEqual([Environment.Variables, Environment.Variables]);
    expect(await read(`${ARN}-2`)).toEqual({});
    expect(requests).toHaveLength(2);
  });

  it.each([
    ['AWS denies the call', { status: 403, body: { __type: 'AccessDeniedException', message: 'not authorized' } }],
    ['AWS cannot decrypt it', { body: { Environment: { Error: { ErrorCode: 'AccessDeniedException' } } } }],
  ])('is an AwsError if %s', async (_, answer) => {
    await expect(environmentReader(answer).read(ARN)).rejects.toMatchObject({
      name: 'AwsError',
      kind: 'access-denied',
    });
  });
});
