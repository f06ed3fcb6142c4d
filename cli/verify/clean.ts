import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import type { Aws } from '../aws/aws.ts';
import { readPlace } from '../aws/place.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { Failure } from '../outcome/failure.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import { endpointOptions, readClusterConnection } from '../terminal/read-options.ts';
import { counted } from '../terminal/text.ts';
import { findFunction } from './deployed.ts';
import { type Leftover, leftoverOf } from './leftovers.ts';
import { removeAll } from './removal.ts';
import { adminFor, organizationOf } from './target.ts';
import type { VerifyOptions } from './verify-definition.ts';

/** Runs `verify --clean`. @throws AwsError, SecretStoreError, EndpointError */
export async function clean(options: VerifyOptions, aws: Aws, ports: CommandPorts): Promise<Failure | undefined> {
  const leftovers = (await aws.rotation.listSecrets()).flatMap((secret) => leftoverOf(secret) ?? []);
  if (leftovers.length === 0) {
    ports.out.write('verify: nothing is left. AWS lists a secret of the last five minutes late.\n');
    return undefined;
  }
  const askForConsent = planPrompt('verify --clean', options, ports);
  const refusal = await askForConsent(leftovers.map(planOf), { place: await readPlace(aws) });
  if (refusal !== undefined) {
    return refusal;
  }
  const deployed = options.manager ? await findFunction(options, aws, ports.connectAws) : undefined;
  const keys = deployed === undefined || 'code' in deployed ? deployed : await organizationOf(options, deployed, ports);
  if (keys !== undefined && 'code' in keys) {
    return keys;
  }
  const { privateCa } = readClusterConnection(options, ports);
  const { adminSecret } = options;
  const failure = await removeAll(
    leftovers.map(({ arn }) => arn),
    {
      aws,
      clock: ports.clock,
      adminCluster: ports.connectAdminCluster({ privateCa }),
      // The admin secret must name the same endpoint, because a tag names that of the user.
      adminAt: async (url) =>
        adminSecret === undefined
          ? undefined
          : await adminFor(adminSecret, parseEndpoint(url, endpointOptions(options).rules), options, ports),
      organization: keys?.organization,
    },
  );
  if (failure === undefined) {
    ports.out.write(`verify: ${counted(leftovers.length, 'secret')} removed.\n`);
  }
  return failure;
}

function planOf({ name, kind, user }: Leftover): string {
  const before =
    user === undefined
      ? kind === 'key'
        ? ', after the API keys that were created for it'
        : ''
      : `, after the user ${user.username} at ${user.endpoint}`;
  return `Delete the secret ${name}${before}`;
}
