import { randomBytes, randomUUID } from 'node:crypto';
import { awsEnvironment, LOCAL_ACCOUNT, LOCAL_REGION } from '../../local/cloud/access.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import { SECRET_TARGETS } from '../../protocol/secret/rotated-secrets.ts';
import { CloudSecret, passwords } from '../cloud/cloud-secret.ts';
import { createFunction, createPins } from '../cloud/lambda-function.ts';
import { type Answered, type Front, grpcFront, httpFront } from './front.ts';
import type { Rotation, Sample } from './results.ts';
import type { MeasuredFunction } from './subjects.ts';
import { type RotationEvent, startWorker, type WorkerProcess } from './worker-process.ts';

/** The requests that change a password, by gRPC and by REST. */
const CHANGES = ['UpdateCredential', 'update_password'];

/** A subject with its own secret and cluster user, behind its own fronts. */
export interface Bench {
  /** Rotates in a fresh process: cold once, and warm afterwards. */
  sample(warmRotations: number): Promise<Sample>;
  close(): void;
}

/** Creates a function that does nothing. The emulator invokes it after the measured steps. */
export async function createIdleFunction(cloud: AttachedCloud): Promise<string> {
  const name = `idle-${randomBytes(4).toString('hex')}`;
  return await createFunction(cloud, name, 'export const handler = async () => {};');
}

/**
 * @param file the built function.
 * @param idleFunction see {@link createIdleFunction}.
 */
export async function createBench(
  cloud: AttachedCloud,
  subject: MeasuredFunction,
  file: string,
  idleFunction: string,
): Promise<Bench> {
  const aws = await httpFront(cloud.access.awsUrl);
  const { endpoint, restEndpoint } = cloud.access.milvus.plaintext;
  const cluster = await (subject.transport === 'rest' ? httpFront(restEndpoint) : grpcFront(endpoint));
  const secret = await createSecret(cloud, cluster.url, idleFunction);

  /** @param cpuBefore CPU time of the process that is no part of this rotation. */
  const rotate = async (worker: WorkerProcess, cpuBefore: number): Promise<Rotation> => {
    aws.forget();
    cluster.forget();
    const reports = await secret.rotate((event) => worker.run(event));
    const last = reports.at(-1);
    return {
      milliseconds: reports.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
      cpuMs: (last?.cpuMilliseconds ?? 0) - cpuBefore,
      peakBytes: last?.peakBytes ?? 0,
      changeToCurrentMs:
        timeOf(aws, ({ promotes }) => promotes) - timeOf(cluster, ({ name }) => CHANGES.includes(name)),
      awsCalls: aws.answered.map(({ name }) => name),
      clusterRequests: cluster.answered.map(({ name }) => name),
      connections: cluster.connections,
    };
  };

  return {
    sample: async (warmRotations) => {
      const { worker, load } = await startWorker(file, {
        ...awsEnvironment({ awsUrl: aws.url }),
        AWS_LAMBDA_FUNCTION_NAME: 'bench',
        FUNCTION_ARN: `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT}:function:bench`,
        [SECRET_TARGETS]: secret.pins,
        ...subject.env,
      });
      try {
        const cold = await rotate(worker, 0);
        const warm: Rotation[] = [];
        let { cpuMs } = cold;
        for (let count = 0; count < warmRotations; count++) {
          const rotation = await rotate(worker, cpuMs);
          warm.push(rotation);
          cpuMs += rotation.cpuMs;
        }
        return { loadMs: load.milliseconds, cold, warm };
      } finally {
        await worker.end();
      }
    },
    close: () => {
      aws.close();
      cluster.close();
    },
  };
}

interface RotatedSecret {
  /** Where the endpoint and the user of the secret are pinned. */
  readonly pins: string;
  /**
   * Starts a rotation as Secrets Manager does, and calls `run` for each step.
   *
   * @throws Error if AWSCURRENT is on another version afterwards.
   */
  rotate<T>(run: (event: RotationEvent) => Promise<T>): Promise<T[]>;
}

/**
 * Creates a cluster user, its secret and its pins. @param endpoint where the function reaches the
 * cluster
 */
async function createSecret(cloud: AttachedCloud, endpoint: string, idleFunction: string): Promise<RotatedSecret> {
  const username = `bench_${randomBytes(6).toString('hex')}`;
  const password = passwords.generate();
  await cloud.createClusterUser('plaintext', { username, password });
  const secret = new CloudSecret(cloud.access, username);
  const SecretId = await secret.create(newDocument({ endpoint, username, password }));
  await secret.configureRotation(idleFunction);
  return {
    pins: await createPins(cloud, `pins-of-${secret.name}`, { [secret.name]: { endpoint, username } }),
    rotate: async (run) => {
      const ClientRequestToken = randomUUID();
      await secret.holdBefore('createSecret');
      await secret.startRotation(ClientRequestToken);
      await secret.reaches('held');
      try {
        const results = [];
        for (const Step of STEPS) {
          results.push(await run({ Step, SecretId, ClientRequestToken }));
        }
        if ((await secret.holder('AWSCURRENT')) !== ClientRequestToken) {
          throw new Error(`The rotation of ${SecretId} did not move AWSCURRENT.`);
        }
        return results;
      } finally {
        await secret.release();
        await secret.reaches('idle');
      }
    },
  };
}

function timeOf({ answered }: Front, isWanted: (request: Answered) => boolean): number {
  const requests = answered.filter(isWanted);
  if (requests.length !== 1) {
    throw new Error(`A rotation sent ${requests.length} requests where one was expected.`);
  }
  return requests[0]?.at ?? 0;
}
