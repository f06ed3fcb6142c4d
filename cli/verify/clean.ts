import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { readPlace } from '../aws/place.ts';
import { orEnd } from '../outcome/failure-error.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import { endpointOptions } from '../terminal/read-options.ts';
import { counted } from '../terminal/text.ts';
import { adminFor } from './created-user.ts';
import { findFunction } from './deployed.ts';
import { leftoverOf } from './leftovers.ts';
import { removeAll } from './removal.ts';
import type { VerifyPorts } from './temporary-credential.ts';
import { organizationOf } from './temporary-key.ts';
import type { VerifyOptions } from './verify-definition.ts';

/** Runs `verify --clean`. @throws FailureError, AwsError, SecretStoreError, EndpointError */
export async function clean(options: VerifyOptions, ports: VerifyPorts): Promise<void> {
  const leftovers = (await ports.aws.rotation.listSecrets()).flatMap((secret) => leftoverOf(secret) ?? []);
  if (leftovers.length === 0) {
    ports.out.write('verify: nothing is left. AWS lists a secret of the last five minutes late.\n');
    return;
  }
  const askForConsent = planPrompt('verify --clean', options, ports);
  const plan = leftovers.map(({ step }) => step);
  orEnd(await askForConsent(plan, { place: await readPlace(ports.aws) }));
  const keys = options.manager
    ? await organizationOf({ options, ports, deployed: await findFunction(options, ports) })
    : undefined;
  const { adminSecret } = options;
  const removalPorts = {
    ...ports,
    // The admin secret must name the same endpoint, because a tag names that of the user.
    adminAt: async (url: string) =>
      adminSecret === undefined
        ? undefined
        : await adminFor(adminSecret, parseEndpoint(url, endpointOptions(options).rules), { options, ports }),
    keys,
  };
  const arns = leftovers.map(({ arn }) => arn);
  orEnd(await removeAll(arns, removalPorts));
  ports.out.write(`verify: ${counted(leftovers.length, 'secret')} removed.\n`);
}
