import { awsEnvironment, LOCAL_ACCOUNT, LOCAL_REGION } from '../../local/cloud/access.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { type Answered, Front } from './front.ts';
import { RotatedSecret } from './rotated-secret.ts';
import { type Rotation, type Sample, STEPS } from './sample.ts';
import type { BuiltSubject, Subject } from './subjects.ts';
import { WorkerProcess } from './worker-process.ts';

/** The requests that change a password, by gRPC and by REST. */
const CHANGES = ['UpdateCredential', 'update_password'];

/** A subject with its own secret and cluster user, behind its own fronts. */
export class Bench {
  readonly #built: BuiltSubject;
  readonly #env: Readonly<Record<string, string>>;
  readonly #secret: RotatedSecret;
  readonly #aws: Front;
  readonly #cluster: Front;

  private constructor(
    built: BuiltSubject,
    env: Readonly<Record<string, string>>,
    secret: RotatedSecret,
    fronts: { aws: Front; cluster: Front },
  ) {
    this.#built = built;
    this.#env = env;
    this.#secret = secret;
    this.#aws = fronts.aws;
    this.#cluster = fronts.cluster;
  }

  static async of(cloud: AttachedCloud, subject: Subject, built: BuiltSubject, idleFunction: string): Promise<Bench> {
    const aws = await Front.ofHttp(cloud.access.awsUrl);
    const { endpoint, restEndpoint } = cloud.access.milvus.plaintext;
    const cluster = await (subject.transport === 'rest' ? Front.ofHttp(restEndpoint) : Front.ofGrpc(endpoint));
    const secret = await RotatedSecret.create(cloud, cluster.url, idleFunction);
    const env = {
      ...awsEnvironment({ ...cloud.access, awsUrl: aws.url }),
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      FUNCTION_ARN: `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT}:function:bench`,
      ...subject.env,
    };
    return new Bench(built, env, secret, { aws, cluster });
  }

  /**
   * Rotates in a fresh process: cold once, and warm afterwards.
   *
   * @param env further environment variables of the process.
   */
  async sample(warmRotations: number, env: Readonly<Record<string, string>> = {}): Promise<Sample> {
    const { worker, load } = await WorkerProcess.start(this.#built.command, { ...this.#env, ...env });
    try {
      const cold = await this.#rotate(worker, 0);
      const warm: Rotation[] = [];
      let { cpuMs } = cold;
      for (let count = 0; count < warmRotations; count++) {
        const rotation = await this.#rotate(worker, cpuMs);
        warm.push(rotation);
        cpuMs += rotation.cpuMs;
      }
      return { loadMs: load.milliseconds, cold, warm };
    } finally {
      await worker.end();
    }
  }

  /** @param cpuBefore CPU time of the process that is no part of this rotation. */
  async #rotate(worker: WorkerProcess, cpuBefore: number): Promise<Rotation> {
    this.#aws.forget();
    this.#cluster.forget();
    return await this.#secret.rotate(async (version) => {
      const stepMs: number[] = [];
      let last = { cpuMilliseconds: 0, peakBytes: 0 };
      for (const Step of STEPS) {
        const report = await worker.run({ Step, SecretId: this.#secret.arn, ClientRequestToken: version });
        stepMs.push(report.milliseconds);
        last = report;
      }
      return {
        stepMs,
        cpuMs: last.cpuMilliseconds - cpuBefore,
        peakBytes: last.peakBytes,
        changeToCurrentMs:
          timeOf(this.#aws, ({ promotes }) => promotes) - timeOf(this.#cluster, ({ name }) => CHANGES.includes(name)),
        awsCalls: this.#aws.answered.map(({ name }) => name),
        clusterRequests: this.#cluster.answered.map(({ name }) => name),
        connections: this.#cluster.connections,
      };
    });
  }

  close(): void {
    this.#aws.close();
    this.#cluster.close();
  }
}

function timeOf({ answered }: Front, isWanted: (request: Answered) => boolean): number {
  const requests = answered.filter(isWanted);
  if (requests.length !== 1) {
    throw new Error(`A rotation sent ${requests.length} requests where one was expected.`);
  }
  return requests[0]?.at ?? 0;
}
