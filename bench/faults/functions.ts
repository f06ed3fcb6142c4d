import { randomBytes } from 'node:crypto';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { targetOfUsers, type UserStrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { CloudSecret } from '../cloud/cloud-secret.ts';
import { takesTurns } from '../cloud/takes-turns.ts';
import { LoadBalancer } from './load-balancer.ts';

/** The product's rotation function in the local cloud. */
export interface FunctionUnderTest {
  readonly arn: string;
  readonly name: string;
  /** The function may rotate only secrets whose names start with this prefix. */
  readonly secretNamePrefix: string;
  /** The cluster, as the function and the applications reach it. */
  readonly balancer: LoadBalancer;
  /** The secret that the function may reset with its admin secret, and its users. */
  readonly pinned: { readonly name: string; readonly usernames: readonly string[] };
  /** Whether the pinned secret has two users that take turns. Scenarios then use this secret. */
  readonly takesTurns: boolean;
}

/**
 * Deploys the product's rotation function with the project's stack and the real `cdk deploy`. The
 * function has an admin secret, which may reset the password of one pinned secret.
 */
export async function deployRotationFunction(
  cloud: AttachedCloud,
  strategy: UserStrategyName,
): Promise<FunctionUnderTest> {
  const id = randomBytes(4).toString('hex');
  // The function may rotate every secret with this prefix, also those that the scenarios create
  // later.
  const secretNamePrefix = `faults-${id}/`;
  const usernames = [`pinned_${id}`, ...(takesTurns(strategy) ? [`pinned_b_${id}`] : [])];
  const pinned = { name: `${secretNamePrefix}pinned`, usernames };
  const { endpoint: server, rootPassword } = cloud.access.milvus.plaintext;
  const balancer = await LoadBalancer.before(server);
  const { endpoint } = balancer;
  await new CloudSecret(cloud.access, pinned.name).create('a:unused');
  const admin = new CloudSecret(cloud.access, `faults-admin-${id}`);
  const adminSecretArn = await admin.create(JSON.stringify({ endpoint, username: 'root', password: rootPassword }));
  const users = { strategy, ...targetOfUsers(usernames) };
  const stackName = `Faults${id}`;
  const { outputs } = await cloud.deploy(
    JSON.stringify({
      stackName,
      function: { allowedEndpoints: ['127.0.0.1'], secretNamePrefix, adminSecretArn, minimumGapMinutes: 0 },
      secrets: [{ name: pinned.name, endpoint, schedule: 'rate(300 days)', ...users }],
    }),
  );
  const arn = outputs[stackName]?.['RotationFunctionArn'] ?? '';
  return {
    arn,
    name: arn.slice(arn.lastIndexOf(':') + 1),
    secretNamePrefix,
    balancer,
    pinned,
    takesTurns: takesTurns(strategy),
  };
}
