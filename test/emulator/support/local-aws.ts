// One emulator for a test file, and what its tests need of it.
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

/** What the control endpoint tells of a rotation. */
export interface RotationState {
  readonly state: 'idle' | 'running' | 'held' | 'waiting';
  readonly step?: string | null;
  readonly token?: string;
  readonly attempt?: number;
  readonly next_attempt_at?: number | null;
  readonly timed_out?: boolean;
  readonly history: readonly { readonly event: string; readonly token: string; readonly reason?: string }[];
}

/** How the test's rotation function misbehaves. */
export interface Behaviour {
  readonly failStep?: string;
  readonly failTimes?: number;
  /** Whether finishSecret moves AWSCURRENT. @default true */
  readonly promote?: boolean;
  /** @default a role that does not exist, which only matters where IAM is enforced */
  readonly role?: string;
}

export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface RotationFunction {
  readonly arn: string;
  /** The events that the function got so far, in order. */
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
  /** Creates a secret with a name of its own; its ARN. */
  secret(value?: string): Promise<string>;
  /** Deploys the test's rotation function, which Secrets Manager may invoke unless `permission` is false. */
  rotationFunction(behaviour?: Behaviour, permission?: boolean): Promise<RotationFunction>;
  rotate(secretId: string, input?: Partial<RotateSecretCommandInput>): Promise<string>;
  describe(secretId: string): Promise<DescribeSecretCommandOutput>;
  /** The version that carries the label. */
  holder(secretId: string, label: string): Promise<string | undefined>;
  /** The secret's value by label, or the name of the error. */
  value(secretId: string, label?: string): Promise<string>;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Waits until the secret's rotation is in this state. */
  until(secretId: string, state: string): Promise<RotationState>;
  /** A function that receives the rotation events of one secret, oldest first, until one with the last name came. */
  eventsOf(secretId: string): Promise<(last: string) => Promise<readonly Record<string, unknown>[]>>;
}

/** Starts an emulator before the tests of this file and stops it after them. */
export function localAws(options: Omit<EmulatorOptions, 'dataDir'> = {}): LocalAws {
  // As in this project, a package.json above that makes everything an ES module; the functions are none.
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
      const made = await secrets.send(new CreateSecretCommand({ Name: `secret-${randomUUID()}`, SecretString: value }));
      return present(made.ARN);
    },

    async rotationFunction(behaviour = {}, permission = true) {
      const name = `rotation-${randomUUID()}`;
      const notes = join(dataDir, `${name}.notes`);
      writeFileSync(notes, '');
      const made = await lambda.send(
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
        arn: present(made.FunctionArn),
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
        (found) => present(found.SecretString),
        (error: Error) => error.name,
      ),

    async until(secretId, state) {
      const query = new URLSearchParams({ secret: secretId, wait: state, timeout: '20' });
      const found = (await control('GET', `rotation?${query.toString()}`)) as RotationState;
      if (found.timed_out) throw new Error(`The rotation did not become ${state}: ${JSON.stringify(found)}`);
      return found;
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

/** Lets Secrets Manager of an account invoke the function. */
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
  const found: Record<string, unknown>[] = [];
  const deadline = AbortSignal.timeout(20_000);
  while (!found.some((event) => (event['detail'] as { eventName?: string }).eventName === last)) {
    const { Messages = [] } = await queues.send(
      new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 5, MaxNumberOfMessages: 10 }),
      { abortSignal: deadline },
    );
    for (const message of Messages) found.push(JSON.parse(present(message.Body)) as Record<string, unknown>);
  }
  return found;
}

export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The emulator left out a value that AWS gives.');
  return value;
}

/** The AWS error that the promise rejects with, as `Code: message`. */
export function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'accepted',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}
