import { randomBytes } from 'node:crypto';
import { CloudWatchLogs, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { Lambda } from '@aws-sdk/client-lambda';
import { createMilvusCluster } from '../../adapters/grpc/milvus-cluster.ts';
import { awsOptions, type LocalCloudAccess } from '../../local/cloud/access.ts';
import { emulatorRequest, type RotationView, untilRotation } from '../../local/cloud/emulator-control.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { newDocument } from '../../protocol/secret/new-secret.ts';
import { CloudSecret, passwords } from '../cloud/cloud-secret.ts';
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
  readonly #access: LocalCloudAccess;
  readonly #secret: CloudSecret;
  readonly #functionName: string;
  readonly #lambda: Lambda;

  private constructor(access: LocalCloudAccess, secret: CloudSecret, functionName: string) {
    this.#access = access;
    this.#secret = secret;
    this.#functionName = functionName;
    this.#lambda = new Lambda(awsOptions(access));
  }

  static async in(cloud: AttachedCloud): Promise<Subject> {
    const id = randomBytes(4).toString('hex');
    const [username, name, stackName] = [`memory_${id}`, `memory-${id}`, `Memory${id}`];
    const password = passwords.generate();
    const { endpoint } = cloud.access.milvus.tls;
    await cloud.createClusterUser('tls', { username, password });
    const secret = new CloudSecret(cloud.access, name);
    await secret.create(newDocument({ endpoint, username, password }));
    const deployed = await deployRotationStack(cloud, {
      stackName,
      function: { allowedEndpoints: ['localhost'], caFile: cloud.access.caFile },
      secrets: [{ name, schedule: 'rate(300 days)' }],
    });
    const subject = new Subject(cloud.access, secret, deployed.name);
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
    await this.#secret.limitAttempts();
    const before = await this.#use();
    await emulatorRequest(this.#access, 'DELETE', 'calls');
    await this.#secret.startAttempt();
    const end = (await this.#view()).history.at(-1);
    const { calls } = (await emulatorRequest(this.#access, 'GET', 'calls')) as { calls: Record<string, number> };
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

  /** Whether an application that reads AWSCURRENT now can log in. */
  async applicationsLogIn(): Promise<boolean> {
    const { endpoint, caPem } = this.#access.milvus.tls;
    const cluster = createMilvusCluster({ privateCa: caPem });
    return (await cluster.authenticates(await this.#secret.credential(endpoint))).kind === 'accepted';
  }

  async #use(): Promise<{ seconds: number; cpuSeconds: number; peakMemoryMb: number }> {
    const { seconds } = await lambdaMetrics(this.#access, this.#functionName);
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
    const client = new CloudWatchLogs(awsOptions(this.#access));
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
    return untilRotation(this.#access, this.#secret.name, 'idle', 120);
  }
}
