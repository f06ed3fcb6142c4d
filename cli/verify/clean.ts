import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import type { Aws } from '../aws/aws.ts';
import { readPlace } from '../aws/place.ts';
import type { CommandPorts } from '../command-ports.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import { endpointOptions, readClusterConnection } from '../terminal/read-options.ts';
import { counted } from '../terminal/text.ts';
import { findFunction } from './deployed.ts';
import { orEnd } from './explain.ts';
import { type Leftover, leftoverOf } from './leftovers.ts';
import { removeAll } from './removal.ts';
import { adminFor, organizationOf } from './target.ts';
import type { VerifyOptions } from './verify-definition.ts';

/** Runs `verify --clean`. @throws FailureError, AwsError, SecretStoreError, EndpointError */
export async function clean(options: VerifyOptions, aws: Aws, ports: CommandPorts): Promise<void> {
  const leftovers = (await aws.rotation.listSecrets()).flatMap((secret) => leftoverOf(secret) ?? []);
  if (leftovers.length === 0) {
    ports.out.write('verify: nothing is left. AWS lists a secret of the last five minutes late.\n');
    return;
  }
  const askForConsent = planPrompt('verify --clean', options, ports);
  orEnd(await askForConsent(leftovers.map(planOf), { place: await readPlace(aws) }));
  const organization = options.manager
    ? (await organizationOf(options, await findFunction(options, aws, ports.connectAws), ports)).organization
    : undefined;
  const { privateCa } = readClusterConnection(options, ports);
  const { adminSecret } = options;
  const removalPorts = {
    aws,
    clock: ports.clock,
    adminCluster: ports.connectAdminCluster({ privateCa }),
    // The admin secret must name the same endpoint, because a tag names that of the user.
    adminAt: async (url: string) =>
      adminSecret === undefined
        ? undefined
        : await adminFor(adminSecret, parseEndpoint(url, endpointOptions(options).rules), options, ports),
    organization,
  };
  const arns = leftovers.map(({ arn }) => arn);
  orEnd(await removeAll(arns, removalPorts));
  ports.out.write(`verify: ${counted(leftovers.length, 'secret')} removed.\n`);
}

function planOf({ name, hasKeys, user }: Leftover): string {
  const before = hasKeys
    ? ', after the API keys that were created for it'
    : user && `, after the user ${user.username} at ${user.endpoint}`;
  return `Delete the secret ${name}${before ?? ''}`;
}
