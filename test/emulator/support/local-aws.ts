// One emulator for a test file, with clients and helper functions.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { type AddPermissionCommandInput, Lambda } from '@aws-sdk/client-lambda';
import {
  type DescribeSecretCommandOutput,
  type RotateSecretCommandInput,
  SecretsManager,
} from '@aws-sdk/client-secrets-manager';
import { SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from 'vitest';
import { type AwsOptions, awsOptions, LOCAL_ACCOUNT, LOCAL_REGION } from '../../../local/cloud/access.ts';
import { emulatorRequest, type RotationView, untilRotation } from '../../../local/cloud/emulator-control.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../../local/servers/emulator.ts';
import { functionZip } from './function-zip.ts';
import type { Note } from './rotation-function.ts';

export const account: string = LOCAL_ACCOUNT;
export const region: string = LOCAL_REGION;
const startMs = 60_000;

/** Faults of the test's rotation function. */
export interface Behaviour {
  readonly failStep?: string;
  readonly failTimes?: number;
}

export interface RotationFunction {
  readonly arn: string;
  /** The events that the function received so far, in order. */
  notes(): readonly Note[];
}

/** An emulator, with clients and helper functions. */
export class LocalAws {
  emulator!: Emulator;
  secrets!: SecretsManager;
  lambda!: Lambda;
  stacks!: CloudFormation;
  readonly dataDir: string;
  #code: Uint8Array = new Uint8Array();

  constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  async start(options: Omit<EmulatorOptions, 'dataDir'>): Promise<void> {
    const { dataDir } = this;
    [this.#code, this.emulator] = await Promise.all([
      functionZip('rotation-function.ts'),
      startEmulator({ ...options, dataDir }),
    ]);
    this.secrets = new SecretsManager({ ...this.clientConfig, maxAttempts: 1 });
    this.lambda = new Lambda(this.clientConfig);
    this.stacks = new CloudFormation(this.clientConfig);
  }

  /** Endpoint, region and root credentials, for further clients. */
  get clientConfig(): AwsOptions {
    return awsOptions({ awsUrl: this.emulator.url });
  }

  control(method: string, path: string, body?: unknown): Promise<unknown> {
    return emulatorRequest({ awsUrl: this.emulator.url }, method, path, body);
  }

  /** Creates a secret. @returns its ARN */
  async secret(SecretString = 'first value'): Promise<string> {
    const created = await this.secrets.createSecret({ Name: `secret-${randomUUID()}`, SecretString });
    return present(created.ARN);
  }

  /** Creates a rotation function. Secrets Manager may invoke it unless `permission` is false. */
  async rotationFunction(behaviour: Behaviour = {}, permission = true): Promise<RotationFunction> {
    const name = `rotation-${randomUUID()}`;
    const notes = join(this.dataDir, `${name}.notes`);
    writeFileSync(notes, '');
    const Variables = {
      NOTES_FILE: notes,
      FAIL_STEP: behaviour.failStep ?? '',
      FAIL_TIMES: String(behaviour.failTimes ?? 0),
    };
    const { FunctionArn } = await this.lambda.createFunction({
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      // The role does not exist, which fails only if IAM is enforced.
      Role: `arn:aws:iam::${account}:role/any`,
      Code: { ZipFile: this.#code },
      Timeout: 30,
      Environment: { Variables },
    });
    if (permission) await permit(this.lambda, name);
    const lines = (): string[] => readFileSync(notes, 'utf8').split('\n').filter(Boolean);
    return { arn: present(FunctionArn), notes: () => lines().map((line) => JSON.parse(line) as Note) };
  }

  /** A secret, and a function that can rotate it. `configuration` names the function. */
  async secretAndFunction(behaviour: Behaviour = {}): Promise<{
    secretId: string;
    rotation: RotationFunction;
    configuration: { RotationLambdaARN: string };
  }> {
    const [secretId, rotation] = await Promise.all([this.secret(), this.rotationFunction(behaviour)]);
    return { secretId, rotation, configuration: { RotationLambdaARN: rotation.arn } };
  }

  /** Starts a rotation. @returns its token */
  async rotate(secretId: string, input: Partial<RotateSecretCommandInput> = {}): Promise<string> {
    const started = await this.secrets.rotateSecret({ SecretId: secretId, ...input });
    return present(started.VersionId);
  }

  /** Starts a rotation and waits for its last attempt. */
  async rotateToEnd(
    secretId: string,
    input?: Partial<RotateSecretCommandInput>,
  ): Promise<RotationView & { readonly token: string }> {
    const token = await this.rotate(secretId, input);
    return { ...(await this.until(secretId, 'idle')), token };
  }

  /** Starts a rotation that is held before the step. @returns its token */
  async holdBefore(step: string, secretId: string, input?: Partial<RotateSecretCommandInput>): Promise<string> {
    await this.control('PUT', 'hold', { secret: secretId, step });
    const token = await this.rotate(secretId, input);
    await this.until(secretId, 'held');
    return token;
  }

  /** Releases a held rotation and waits for its end. */
  async release(secretId: string): Promise<RotationView> {
    await this.control('DELETE', `hold?secret=${secretId}`);
    return this.until(secretId, 'idle');
  }

  describe(SecretId: string): Promise<DescribeSecretCommandOutput> {
    return this.secrets.describeSecret({ SecretId });
  }

  /** The id of the version that has the label. */
  async holder(secretId: string, label: string): Promise<string | undefined> {
    const { VersionIdsToStages = {} } = await this.describe(secretId);
    return Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes(label))?.[0];
  }

  /** The value of the version with the label, or the name of the error. */
  value(SecretId: string, VersionStage = 'AWSCURRENT'): Promise<string> {
    return this.secrets.getSecretValue({ SecretId, VersionStage }).then(
      (answer) => present(answer.SecretString),
      (error: Error) => error.name,
    );
  }

  /** Waits until the secret's rotation is in this state. */
  until(secretId: string, state: RotationView['state']): Promise<RotationView> {
    return untilRotation({ awsUrl: this.emulator.url }, secretId, state, 20);
  }

  /** Subscribes to the secret's rotation events. The result waits for the event named `last`. */
  async eventsOf(secretId: string): Promise<(last: string) => Promise<readonly Record<string, unknown>[]>> {
    const name = `events-${randomUUID()}`;
    const queues = new SQS(this.clientConfig);
    const events = new EventBridge(this.clientConfig);
    const { QueueUrl } = await queues.createQueue({ QueueName: name });
    const pattern = {
      source: ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: { additionalEventData: { SecretId: [secretId] } },
    };
    await events.putRule({ Name: name, EventPattern: JSON.stringify(pattern) });
    const target = { Id: 'queue', Arn: `arn:aws:sqs:${region}:${account}:${name}` };
    await events.putTargets({ Rule: name, Targets: [target] });
    return (last) => received(queues, present(QueueUrl), last);
  }
}

/** Starts an emulator before the tests of this file and stops it after them. */
export function localAws(options: Omit<EmulatorOptions, 'dataDir'> = {}): LocalAws {
  // Like the project's package.json, this file makes ES modules of the files below.
  const parent = mkdtempSync(join(tmpdir(), 'local-aws-'));
  writeFileSync(join(parent, 'package.json'), '{ "type": "module" }');
  const aws = new LocalAws(join(parent, 'aws'));
  beforeAll(() => aws.start(options), startMs);
  afterAll(async () => {
    await aws.emulator?.stop();
    rmSync(parent, { recursive: true, force: true });
  }, startMs);
  return aws;
}

/** Allows a caller to invoke the function. Default: Secrets Manager, for this account. */
export async function permit(
  lambda: Lambda,
  FunctionName: string,
  caller: Partial<AddPermissionCommandInput> = { SourceAccount: account },
): Promise<void> {
  const Principal = 'secretsmanager.amazonaws.com';
  const permission = { StatementId: randomUUID(), Action: 'lambda:InvokeFunction', Principal, ...caller };
  await lambda.addPermission({ FunctionName, ...permission });
}

async function received(queues: SQS, url: string, last: string): Promise<readonly Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = [];
  const deadline = AbortSignal.timeout(20_000);
  while (!events.some((event) => (event['detail'] as { eventName?: string }).eventName === last)) {
    const { Messages = [] } = await queues.receiveMessage(
      { QueueUrl: url, WaitTimeSeconds: 5, MaxNumberOfMessages: 10 },
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
