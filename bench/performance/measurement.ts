import { awsEnvironment, LOCAL_ACCOUNT, LOCAL_REGION } from '../../local/cloud/access.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { STEPS } from '../../protocol/secret/rotation-step.ts';
import { type Answered, type Front, grpcFront, httpFront } from './front.ts';
import { createRotatedSecret } from './rotated-secret.ts';
import type { Rotation, Sample } from './sample.ts';
import type { BuiltSubject, Subject } from './subjects.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

/** The requests that change a password, by gRPC and by REST. */
const CHANGES = ['UpdateCredential', 'update_password'];

/** A subject with its own secret and cluster user, behind its own fronts. */
export interface Bench {
  /**
   * Rotates in a fresh process: cold once, and warm afterwards.
   *
   * @param env further environment variables of the process.
   */
  sample(warmRotations: number, env?: Readonly<Record<string, string>>): Promise<Sample>;
  close(): void;
}

export async function createBench(
  cloud: AttachedCloud,
  subject: Subject,
  built: BuiltSubject,
  idleFunction: string,
): Promise<Bench> {
  const aws = await httpFront(cloud.access.awsUrl);
  const { endpoint, restEndpoint } = cloud.access.milvus.plaintext;
  const cluster = await (subject.transport === 'rest' ? httpFront(restEndpoint) : grpcFront(endpoint));
  const secret = await createRotatedSecret(cloud, cluster.url, idleFunction);

  /** @param cpuBefore CPU time of the process that is no part of this rotation. */
  const rotate = (worker: WorkerProcess, cpuBefore: number): Promise<Rotation> => {
    aws.forget();
    cluster.forget();
    return secret.rotate(async (version) => {
      const stepMs: number[] = [];
      let last = { cpuMilliseconds: 0, peakBytes: 0 };
      for (const Step of STEPS) {
        const report = await worker.run({ Step, SecretId: secret.arn, ClientRequestToken: version });
        stepMs.push(report.milliseconds);
        last = report;
      }
      return {
        stepMs,
        cpuMs: last.cpuMilliseconds - cpuBefore,
        peakBytes: last.peakBytes,
        changeToCurrentMs:
          timeOf(aws, ({ promotes }) => promotes) - timeOf(cluster, ({ name }) => CHANGES.includes(name)),
        awsCalls: aws.answered.map(({ name }) => name),
        clusterRequests: cluster.answered.map(({ name }) => name),
        connections: cluster.connections,
      };
    });
  };

  return {
    sample: async (warmRotations, env) => {
      const { worker, load } = await startWorker(built.command, {
        ...awsEnvironment({ awsUrl: aws.url }),
        AWS_LAMBDA_FUNCTION_NAME: 'bench',
        FUNCTION_ARN: `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT}:function:bench`,
        ...subject.env,
        ...env,
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

function timeOf({ answered }: Front, isWanted: (request: Answered) => boolean): number {
  const requests = answered.filter(isWanted);
  if (requests.length !== 1) {
    throw new Error(`A rotation sent ${requests.length} requests where one was expected.`);
  }
  return requests[0]?.at ?? 0;
}
