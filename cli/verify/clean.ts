import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { readPlace } from '../aws/place.ts';
import { readAdmin } from '../change/admin.ts';
import { orEnd } from '../outcome/failure.ts';
import { counted } from '../terminal/text.ts';
import { findFunction } from './deployed.ts';
import { removalOf, removeAll } from './remove.ts';
import type { VerifyPorts } from './run.ts';
import { askOrganization } from './temporary-key.ts';

/** Runs `verify --clean`. @returns what it has done. @throws FailureError, AwsError, SecretStoreError, EndpointError */
export async function clean(ports: VerifyPorts): Promise<string> {
  const { aws, endpoints } = ports;
  const { adminSecret, manager } = ports.options;
  const left = (await aws.rotation.listSecrets()).filter((secret) => removalOf(secret) !== undefined);
  if (left.length === 0) {
    return 'verify: nothing is left. AWS lists a secret of the last five minutes late.\n';
  }
  const plan = left.map((secret) => removalOf(secret) ?? '');
  orEnd(await ports.askForConsent(plan, { place: await readPlace(aws) }));
  const opened = manager ? await askOrganization(await findFunction(ports), ports) : undefined;
  // The admin secret must name the same endpoint, because a tag names that of the user.
  const adminAt = async (url: string) =>
    adminSecret === undefined
      ? undefined
      : orEnd(await readAdmin(adminSecret, parseEndpoint(url, endpoints.rules), ports)).admin;
  const arns = left.map(({ arn }) => arn);
  orEnd(await removeAll(arns, { ...ports, adminAt, organization: opened?.organization }));
  return `verify: ${counted(left.length, 'secret')} removed.\n`;
}
