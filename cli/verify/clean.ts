import type { Admin } from '../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import type { Aws } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { readPlace } from '../aws/place.ts';
import type { CommandPorts } from '../command-ports.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { Failure } from '../outcome/failure.ts';
import { askForPlan, planPrompt } from '../terminal/ask-for-plan.ts';
import { endpointOptions, readClusterConnection } from '../terminal/read-options.ts';
import { counted } from '../terminal/text.ts';
import { findFunction } from './deployed.ts';
import { failureOf } from './explain.ts';
import { type Leftover, leftoverOf } from './leftovers.ts';
import { removalPlanOf } from './plan.ts';
import { adminFor, organizationOf } from './target.ts';
import { type RemovalPorts, removeTemporary } from './temporary.ts';
import type { VerifyOptions } from './verify-definition.ts';

/** Removes what has these names. @returns why something is left */
export async function removeAll(names: readonly string[], ports: RemovalPorts): Promise<Failure | undefined> {
  let failure: Failure | undefined;
  for (const name of names) {
    try {
      const secret = await catchKnown(ports.aws.rotation.describeSecret(name), AwsError);
      if (secret instanceof AwsError && secret.kind !== 'not-found') {
        throw secret;
      }
      const leftover = secret instanceof AwsError ? undefined : leftoverOf(secret);
      failure = (leftover && (await removeTemporary(leftover, ports))) ?? failure;
    } catch (error) {
      failure = { kind: 'failed', ...failureOf(error) };
    }
  }
  return failure;
}

/** Runs `verify --clean`. */
export async function clean(options: VerifyOptions, aws: Aws, ports: CommandPorts): Promise<Failure | undefined> {
  const leftovers = (await aws.rotation.listSecrets()).flatMap((secret) => leftoverOf(secret) ?? []);
  if (leftovers.length === 0) {
    ports.out.write(NOTHING);
    return undefined;
  }
  const consent = { askForConsent: planPrompt('verify --clean', options, ports), interrupted: ports.interrupted };
  const refusal = await askForPlan(removalPlanOf(leftovers), consent, { place: await readPlace(aws) });
  if (refusal !== undefined) {
    return refusal;
  }
  const deployed = options.manager ? await findFunction(options, aws, ports.connectAws) : undefined;
  const keys = deployed === undefined || 'code' in deployed ? deployed : await organizationOf(options, deployed, ports);
  if (keys !== undefined && 'code' in keys) {
    return keys;
  }
  const { privateCa } = readClusterConnection(options, ports);
  const adminCluster = ports.connectAdminCluster({ privateCa });
  const organization = keys?.organization;
  let failure: Failure | undefined;
  for (const leftover of leftovers) {
    const admin = await adminOf(leftover, options, ports);
    const left =
      admin !== undefined && 'code' in admin
        ? admin
        : await removeAll([leftover.arn], { ...ports, aws, adminCluster, admin, organization });
    failure = left ?? failure;
  }
  if (failure === undefined) {
    ports.out.write(`verify: ${counted(leftovers.length, 'secret')} removed.\n`);
  }
  return failure;
}

const NOTHING = 'verify: nothing is left. AWS lists a secret of the last five minutes late.\n';

/** The admin secret must name the same endpoint, because a tag names that of the user. */
async function adminOf(
  { user }: Leftover,
  options: VerifyOptions,
  ports: CommandPorts,
): Promise<Admin | Failure | undefined> {
  return user === undefined || options.adminSecret === undefined
    ? undefined
    : await adminFor(options.adminSecret, parseEndpoint(user.endpoint, endpointOptions(options).rules), options, ports);
}
