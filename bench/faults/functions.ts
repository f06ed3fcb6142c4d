import { randomBytes } from 'node:crypto';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import { takesTurns } from '../../local/cloud/takes-turns.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { pinsOfUsers, type UserStrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { LoadBalancer } from './load-balancer.ts';

/** The product's rotation function in the local cloud. */
export interface FunctionUnderTest {
  readonly arn: string;
  readonly name: string;
  /** The cluster, as the function and the applications reach it. */
  readonly balancer: LoadBalancer;
  /** The only secret of the function. Its endpoint and its users are pinned. */
  readonly secretName: string;
  /** One user, or two that take turns. */
  readonly usernames: readonly string[];
}

/**
 * Deploys the product's rotation function with the project's stack and the real `cdk deploy`. The
 * function has an admin secret, which may reset the password of its users.
 */
export async function deployRotationFunction(
  cloud: AttachedCloud,
  strategy: UserStrategyName,
): Promise<FunctionUnderTest> {
  const id = randomBytes(4).toString('hex');
  const secretName = `faults-${id}`;
  const usernames = [`user_${id}`, ...(takesTurns(strategy) ? [`other_${id}`] : [])];
  const { endpoint: server, rootPassword } = cloud.access.milvus.plaintext;
  const balancer = await LoadBalancer.before(server);
  const { endpoint } = balancer;
  await new CloudSecret(cloud.access, secretName).create('a:unused');
  const admin = new CloudSecret(cloud.access, `faults-admin-${id}`);
  const adminSecretArn = await admin.create(JSON.stringify({ endpoint, username: 'root', password: rootPassword }));
  const users = { strategy, ...pinsOfUsers(usernames) };
  const stackName = `Faults${id}`;
  const { outputs } = await cloud.deploy(
    JSON.stringify({
      stackName,
      function: { allowedEndpoints: ['127.0.0.1'], adminSecretArn, minimumGapMinutes: 0 },
      secrets: [{ name: secretName, endpoint, schedule: 'rate(300 days)', ...users }],
    }),
  );
  const arn = outputs[stackName]?.['RotationFunctionArn'] ?? '';
  return { arn, name: arn.slice(arn.lastIndexOf(':') + 1), balancer, secretName, usernames };
}
