import { randomBytes } from 'node:crypto';
import { CloudWatchLogs, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { Lambda } from '@aws-sdk/client-lambda';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { parseEndpoint } from '../../cluster/endpoint.ts';
import { createPasswordGenerator } from '../../cluster/generated-password.ts';
import { createMilvusCluster } from '../../cluster/grpc/milvus-cluster.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../cluster/password-policy.ts';
import { awsOptions } from '../../local/cloud/access.ts';
import { emulatorRequest, type RotationView, setRetries, untilRotation } from '../../local/cloud/emulator-control.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { parseDocument } from '../../secret/document.ts';
import { newDocument } from '../../secret/new-secret.ts';
import { deployRotationStack } from '../cloud/lambda-function.ts';
import { lambdaMetrics } from '../cloud/lambda-metrics.ts';
import { killWorkersOf, workersOf } from '../processes/function-workers.ts';
import { usageOf } from '../processes/usage.ts';

/** One rotation. */
export interface Rotation {
  /** The step that failed first, such as `setSecret`. undefined: the rotation succeeded. */
  readonly failedStep: string | undefined;
  /** The durations of the invocations, with the start of a worker. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** 0 if the worker died. */
  readonly peakMemoryMb: number;
  readonly secretsManagerCalls: Readonly<Record<string, number>>;
}

const BYTES_PER_EVENT = 26;

/** A secret on the Milvus server with TLS, and the deployed function that rotates it. */
export class Subject {
  readonly #cloud: AttachedCloud;
  readonly #secretId: string;
  readonly #username: string;
  readonly #functionName: string;
  readonly #aws: SecretsManager;
  readonly #lambda: Lambda;

  private constructor(cloud: AttachedCloud, secretId: string, username: string, functionName: string) {
    this.#cloud = cloud;
    this.#secretId = secretId;
    this.#username = username;
    this.#functionName = functionName;
    this.#aws = new SecretsManager(awsOptions(cloud.access));
    this.#lambda = new Lambda(awsOptions(cloud.access));
  }

  static async in(cloud: AttachedCloud): Promise<Subject> {
    const id = randomBytes(4).toString('hex');
    const [username, name, stackName] = [`memory_${id}`, `memory-${id}`, `Memory${id}`];
    const password = createPasswordGenerator(DEFAULT_PASSWORD_POLICY).generate();
    const { endpoint } = cloud.access.milvus.tls;
    await cloud.createClusterUser('tls', { username, password });
    const SecretString = newDocument({ endpoint, username, password });
    const aws = new SecretsManager(awsOptions(cloud.access));
    await aws.createSecret({ Name: name, SecretString });
    aws.destroy();
    const deployed = await deployRotationStack(cloud, {
      stackName,
      function: { allowedEndpoints: ['localhost'], caFile: cloud.access.caFile },
      secrets: [{ name, schedule: 'rate(300 days)' }],
    });
    const subject = new Subject(cloud, name, username, deployed.name);
    await subject.#view();
    return subject;
  }

  /** Changes the memory size of the function. Its next invocation starts a worker. */
  async setMemory(memoryMb: number): Promise<void> {
    await this.#lambda.updateFunctionConfiguration({ FunctionName: this.#functionName, MemorySize: memoryMb });
    killWorkersOf(this.#functionName);
  }

  /**
   * Rotates once, without another attempt after a failure.
   *
   * @param isCold Starts with a new worker.
   */
  async rotate({ isCold }: { readonly isCold: boolean }): Promise<Rotation> {
    if (isCold) {
      killWorkersOf(this.#functionName);
    }
    const last = (await this.#view()).history.at(-1);
    // A refused RotateSecret repeats the unfinished rotation. The emulator counts a retry.
    const retries = last?.event === 'RotationFailed' ? 1 : 0;
    await setRetries(this.#cloud.access, this.#secretId, retries);
    const before = await this.#use();
    await emulatorRequest(this.#cloud.access, 'DELETE', 'calls');
    await this.#start();
    const end = (await this.#view()).history.at(-1);
    const { calls } = (await emulatorRequest(this.#cloud.access, 'GET', 'calls')) as { calls: Record<string, number> };
    const after = await this.#use();
    if (end === undefined || JSON.stringify(end) === JSON.stringify(last)) {
      throw new Error('The rotation did not start.');
    }
    const { 'secretsmanager.RotateSecret': _start, ...secretsManagerCalls } = calls;
    return {
      failedStep: end.event === 'RotationSucceeded' ? undefined : (end.reason?.split(' ')[0] ?? end.event),
      seconds: after.seconds - before.seconds,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      peakMemoryMb: after.peakMemoryMb,
      secretsManagerCalls,
    };
  }

  async #start(): Promise<void> {
    try {
      await this.#aws.rotateSecret({ SecretId: this.#secretId });
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'InvalidRequestException') {
        throw error;
      }
    }
  }

  /** Whether an application that reads AWSCURRENT now can log in. */
  async applicationsLogIn(): Promise<boolean> {
    const { endpoint: url, caPem } = this.#cloud.access.milvus.tls;
    const endpoint = parseEndpoint(url, { allowed: ['localhost'], allowPlaintext: false });
    const { SecretString = '' } = await this.#aws.getSecretValue({ SecretId: this.#secretId });
    const { password } = parseDocument(SecretString);
    const cluster = createMilvusCluster({ privateCa: caPem });
    return (await cluster.authenticates({ endpoint, username: this.#username, password })).kind === 'accepted';
  }

  async #use(): Promise<{ seconds: number; cpuSeconds: number; peakMemoryMb: number }> {
    const { seconds } = await lambdaMetrics(this.#cloud.access, this.#functionName);
    const workers = workersOf(this.#functionName).map(usageOf);
    return {
      seconds,
      cpuSeconds: workers.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      peakMemoryMb: Math.max(0, ...workers.map(({ peakMemoryMb }) => peakMemoryMb)),
    };
  }

  /** What CloudWatch charges for the log of the function: each message and 26 bytes. */
  async logBytes(): Promise<number> {
    const { LoggingConfig } = await this.#lambda.getFunctionConfiguration({ FunctionName: this.#functionName });
    const client = new CloudWatchLogs(awsOptions(this.#cloud.access));
    const pages = paginateFilterLogEvents({ client }, { logGroupName: LoggingConfig?.LogGroup });
    let bytes = 0;
    for await (const { events = [] } of pages) {
      bytes += events.reduce((sum, { message = '' }) => sum + Buffer.byteLength(message) + BYTES_PER_EVENT, 0);
    }
    client.destroy();
    return bytes;
  }

  /** Waits for the end of the rotation. */
  #view(): Promise<RotationView> {
    return untilRotation(this.#cloud.access, this.#secretId, 'idle', 120);
  }
}
