// One emulator for a test file, with clients and helper functions.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { AddPermissionCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../../local/emulator.ts';
import { functionZip } from './function-zip.ts';
import type { Note } from './rotation-function.ts';

export const account = '000000000000';
export const region = 'us-east-1';
const startMs = 60_000;

/** The state of a rotation, as the control endpoint returns it. */
export interface RotationState {
  readonly state: 'idle' | 'running' | 'held' | 'waiting';
  readonly step?: string | null;
  readonly token?: string;
  readonly attempt?: number;
  readonly next_attempt_at?: number | null;
  readonly timed_out?: boolean;
  readonly history: readonly { readonly event: string; readonly token: string; readonly reason?: string }[];
}

/** Faults of the test's rotation function. */
export interface Behaviour {
  readonly failStep?: string;
  readonly failTimes?: number;
  /** Whether finishSecret moves AWSCURRENT. @default true */
  readonly promote?: boolean;
  /** @default a role that does not exist, which fails only if IAM is enforced */
  readonly role?: string;
}

export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface RotationFunction {
  readonly arn: string;
  /** The events that the function received so far, in order. */
  notes(): readonly Note[];
}

export interface LocalAws {
  emulator: Emulator;
  readonly dataDir: string;
  /** Endpoint, region and root credentials, for further clients. */
  readonly clientConfig: ClientConfig;
  readonly secrets: SecretsManagerClient;
  readonly lambda: LambdaClient;
  readonly events: EventBridgeClient;
  readonly queues: SQSClient;
  readonly stacks: CloudFormationClient;
  /** Creates a secret. @returns its ARN */
  secret(value?: string): Promise<string>;
  /** Creates a rotation function. Secrets Manager may invoke it unless `permission` is false. */
  rotationFunction(behaviour?: Behaviour, permission?: boolean): Promise<RotationFunction>;
  rotate(secretId: string, input?: Partial<RotateSecretCommandInput>): Promise<string>;
  describe(secretId: string): Promise<DescribeSecretCommandOutput>;
  /** The id of the version that has the label. */
  holder(secretId: string, label: string): Promise<string | undefined>;
  /** The value of the version with the label, or the name of the error. */
  value(secretId: string, label?: string): Promise<string>;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Waits until the secret's rotation is in this state. */
  until(secretId: string, state: string): Promise<RotationState>;
  /** Subscribes to the secret's rotation events. The result waits for the event named `last`. */
  eventsOf(secretId: string): Promise<(last: string) => Promise<readonly Record<string, unknown>[]>>;
}

/** Starts an emulator before the tests of this file and stops it after them. */
export function localAws(options: Omit<EmulatorOptions, 'dataDir'> = {}): LocalAws {
  // Like the project's package.json, this file makes ES modules of the files below.
  const parent = mkdtempSync(join(tmpdir(), 'local-aws-'));
  writeFileSync(join(parent, 'package.json'), '{ "type": "module" }');
  const dataDir = join(parent, 'aws');
  const aws = {} as LocalAws;
  beforeAll(async () => {
    const [code, emulator] = await Promise.all([
      functionZip('rotation-function.ts'),
      startEmulator({ ...options, dataDir }),
    ]);
    Object.assign(aws, operations(emulator, dataDir, code));
  }, startMs);
  afterAll(async () => {
    await aws.emulator?.stop();
    rmSync(parent, { recursive: true, force: true });
  }, startMs);
  return aws;
}

function operations(emulator: Emulator, dataDir: string, code: Uint8Array): LocalAws {
  const client: ClientConfig = {
    endpoint: emulator.url,
    region,
    credentials: { accessKeyId: account, secretAccessKey: 'test' },
  };
  const secrets = new SecretsManagerClient({ ...client, maxAttempts: 1 });
  const lambda = new LambdaClient(client);
  const events = new EventBridgeClient(client);
  const queues = new SQSClient(client);
  const stacks = new CloudFormationClient(client);

  async function control(method: string, path: string, body?: unknown): Promise<unknown> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${aws.emulator.url}/_local/${path}`, init);
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  const aws: LocalAws = {
    emulator,
    dataDir,
    clientConfig: client,
    secrets,
    lambda,
    events,
    queues,
    stacks,
    control,

    async secret(value = 'first value') {
      const created = await secrets.send(
        new CreateSecretCommand({ Name: `secret-${randomUUID()}`, SecretString: value }),
      );
      return present(created.ARN);
    },

    async rotationFunction(behaviour = {}, permission = true) {
      const name = `rotation-${randomUUID()}`;
      const notes = join(dataDir, `${name}.notes`);
      writeFileSync(notes, '');
      const created = await lambda.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: behaviour.role ?? `arn:aws:iam::${account}:role/rotation`,
          Timeout: 30,
          Code: { ZipFile: code },
          Environment: {
            Variables: {
              NOTES_FILE: notes,
              FAIL_STEP: behaviour.failStep ?? '',
              FAIL_TIMES: String(behaviour.failTimes ?? 0),
              PROMOTE: behaviour.promote === false ? 'no' : 'yes',
            },
          },
        }),
      );
      if (permission) await permit(lambda, name);
      return {
        arn: present(created.FunctionArn),
        notes: () =>
          readFileSync(notes, 'utf8')
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line) as Note),
      };
    },

    async rotate(secretId, input = {}) {
      const started = await secrets.send(new RotateSecretCommand({ SecretId: secretId, ...input }));
      return present(started.VersionId);
    },

    describe: (secretId) => secrets.send(new DescribeSecretCommand({ SecretId: secretId })),

    async holder(secretId, label) {
      const { VersionIdsToStages = {} } = await aws.describe(secretId);
      return Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes(label))?.[0];
    },

    value: (secretId, label = 'AWSCURRENT') =>
      secrets.send(new GetSecretValueCommand({ SecretId: secretId, VersionStage: label })).then(
        (answer) => present(answer.SecretString),
        (error: Error) => error.name,
      ),

    async until(secretId, state) {
      const query = new URLSearchParams({ secret: secretId, wait: state, timeout: '20' });
      const rotation = (await control('GET', `rotation?${query.toString()}`)) as RotationState;
      if (rotation.timed_out) throw new Error(`The rotation did not become ${state}: ${JSON.stringify(rotation)}`);
      return rotation;
    },

    async eventsOf(secretId) {
      const name = `events-${randomUUID()}`;
      const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: name }));
      const pattern = {
        source: ['aws.secretsmanager'],
        'detail-type': ['AWS Service Event via CloudTrail'],
        detail: { additionalEventData: { SecretId: [secretId] } },
      };
      await events.send(new PutRuleCommand({ Name: name, EventPattern: JSON.stringify(pattern) }));
      const target = { Id: 'queue', Arn: `arn:aws:sqs:${region}:${account}:${name}` };
      await events.send(new PutTargetsCommand({ Rule: name, Targets: [target] }));
      return (last) => received(queues, present(QueueUrl), last);
    },
  };
  return aws;
}

/** Allows Secrets Manager to invoke the function for secrets of an account. */
export async function permit(lambda: LambdaClient, name: string, sourceAccount: string = account): Promise<void> {
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: name,
      StatementId: 'secrets-manager',
      Action: 'lambda:InvokeFunction',
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: sourceAccount,
    }),
  );
}

async function received(queues: SQSClient, url: string, last: string): Promise<readonly Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = [];
  const deadline = AbortSignal.timeout(20_000);
  while (!events.some((event) => (event['detail'] as { eventName?: string }).eventName === last)) {
    const { Messages = [] } = await queues.send(
      new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 5, MaxNumberOfMessages: 10 }),
      { abortSignal: deadline },
    );
    for (const message of Messages) events.push(JSON.parse(present(message.Body)) as Record<string, unknown>);
  }
  return events;
}

export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The emulator omitted a value that AWS returns.');
  return value;
}

/** The AWS error of a rejected call as `Code: message`, or "accepted". */
export function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'accepted',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}
