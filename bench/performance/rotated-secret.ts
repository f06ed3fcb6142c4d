import { randomBytes, randomUUID } from 'node:crypto';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { newDocument } from '../../protocol/secret/new-secret.ts';
import { CloudSecret, passwords } from '../cloud/cloud-secret.ts';
import { createFunction } from '../cloud/lambda-function.ts';

/** Creates a function that does nothing. The emulator invokes it after the measured steps. */
export async function createIdleFunction(cloud: AttachedCloud): Promise<string> {
  const name = `idle-${randomBytes(4).toString('hex')}`;
  return await createFunction(cloud, name, 'export const handler = async () => {};');
}

/** The secret of a cluster user, which the benchmark rotates step by step. */
export interface RotatedSecret {
  readonly arn: string;
  /**
   * Starts a rotation as Secrets Manager does, and lets `runSteps` run its steps.
   *
   * @throws Error if AWSCURRENT is on another version afterwards.
   */
  rotate<T>(runSteps: (version: string) => Promise<T>): Promise<T>;
}

/**
 * Creates the user and the secret.
 *
 * @param endpoint where the measured function reaches the cluster.
 * @param idleFunction see {@link createIdleFunction}.
 */
export async function createRotatedSecret(
  cloud: AttachedCloud,
  endpoint: string,
  idleFunction: string,
): Promise<RotatedSecret> {
  const username = `bench_${randomBytes(6).toString('hex')}`;
  const password = passwords.generate();
  await cloud.createClusterUser('plaintext', { username, password });
  const secret = new CloudSecret(cloud.access, username);
  const arn = await secret.create(newDocument({ endpoint, username, password }));
  await secret.configureRotation(idleFunction);
  return {
    arn,
    rotate: async (runSteps) => {
      const version = randomUUID();
      await secret.control.holdBefore('createSecret');
      await secret.startRotation(version);
      await secret.control.reaches('held');
      try {
        const result = await runSteps(version);
        if ((await secret.holder('AWSCURRENT')) !== version) {
          throw new Error(`The rotation of ${arn} did not move AWSCURRENT.`);
        }
        return result;
      } finally {
        await secret.control.release();
        await secret.control.reaches('idle');
      }
    },
  };
}
