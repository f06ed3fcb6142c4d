import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awsEnvironment, LOCAL_ACCOUNT, LOCAL_REGION } from '../../local/cloud/access.ts';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import { createIdleFunction, createPins } from '../../local/cloud/lambda-function.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import { SECRET_TARGETS } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { type Answered, type Front, startFront } from './front.ts';
import type { Rotation, Sample } from './results.ts';
import type { Subject } from './subjects.ts';
import { startWorker, type Worker } from './worker-process.ts';

/** The requests that change a password, by gRPC and by REST. */
const CHANGES = ['UpdateCredential', 'update_password'];

/** A built subject with its own secret and cluster user, behind its own fronts. */
export interface Bench {
  /** The bytes that a deployment stores, uncompressed. */
  readonly bytes: number;
  /** Rotates in a fresh process: cold once, and warm afterwards. */
  sample(warmRotations: number): Promise<Sample>;
  close(): void;
}

export async function createBench(
  cloud: AttachedCloud,
  { transport, env, file, code }: Pick<Subject, 'transport' | 'env' | 'file' | 'code'>,
): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const bundle = join(folder, file);
  writeFileSync(bundle, await code());
  const aws = await startFront(cloud.access.awsUrl, 'http');
  const { endpoint, restEndpoint } = cloud.access.milvus.plaintext;
  const cluster = await (transport === 'rest' ? startFront(restEndpoint, 'http') : startFront(endpoint, 'grpc'));
  const { secret, arn, pins } = await createSecret(cloud, cluster.url);

  const rotate = async (worker: Worker): Promise<Rotation> => {
    aws.forget();
    cluster.forget();
    const figures = await rotateWith(worker, secret, arn);
    return {
      ...figures,
      changeToCurrentMs:
        timeOf(aws, ({ promotes }) => promotes) - timeOf(cluster, ({ name }) => CHANGES.includes(name)),
      awsCalls: aws.answered.map(({ name }) => name),
      clusterRequests: cluster.answered.map(({ name }) => name),
      connections: cluster.connections,
    };
  };

  return {
    bytes: statSync(bundle).size,
    sample: async (warmRotations) => {
      const worker = await startWorker(bundle, {
        ...awsEnvironment({ awsUrl: aws.url }),
        AWS_LAMBDA_FUNCTION_NAME: 'bench',
        FUNCTION_ARN: `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT}:function:bench`,
        [SECRET_TARGETS]: pins,
        ...env,
      });
      try {
        const cold = await rotate(worker);
        const warm: Rotation[] = [];
        for (let count = 0; count < warmRotations; count++) {
          warm.push(await rotate(worker));
        }
        return { loadMs: worker.loadMs, cold, warm };
      } finally {
        await worker.end();
      }
    },
    close: () => {
      aws.close();
      cluster.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * Creates a cluster user, its secret and its pins.
 *
 * @param endpoint where the function reaches the cluster.
 */
async function createSecret(
  cloud: AttachedCloud,
  endpoint: string,
): Promise<{ secret: CloudSecret; arn: string; pins: string }> {
  const username = `bench_${randomBytes(6).toString('hex')}`;
  const secret = new CloudSecret(cloud.access, username);
  const arn = await secret.createWithUsers(cloud.access.milvus.plaintext, [username], { endpoint });
  await secret.configureRotation(await createIdleFunction(cloud.access));
  const pins = await createPins(cloud.access, `pins-of-${secret.name}`, { [secret.name]: { endpoint, username } });
  return { secret, arn, pins };
}

/**
 * Rotates as Secrets Manager does, but with the steps of the worker. Then the emulator invokes the
 * idle function.
 *
 * @throws Error if AWSCURRENT is on another version afterwards.
 */
async function rotateWith(worker: Worker, secret: CloudSecret, SecretId: string): ReturnType<Worker['rotate']> {
  await secret.holdBefore('createSecret');
  const ClientRequestToken = await secret.startRotation();
  await secret.until('held');
  try {
    const figures = await worker.rotate(STEPS.map((Step) => ({ Step, SecretId, ClientRequestToken })));
    if ((await secret.labels())[AWSCURRENT] !== ClientRequestToken) {
      throw new Error(`The rotation of ${SecretId} did not move AWSCURRENT.`);
    }
    return figures;
  } finally {
    await secret.release();
    await secret.until();
  }
}

function timeOf({ answered }: Front, isWanted: (request: Answered) => boolean): number {
  const [request, ...others] = answered.filter(isWanted);
  if (request === undefined || others.length > 0) {
    throw new Error('A rotation did not send exactly one request where one was expected.');
  }
  return request.at;
}
