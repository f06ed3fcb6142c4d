import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { DEFAULT_CONTROL_PLANE } from '../../protocol/keys/control-plane.ts';
import type { FunctionConfig } from '../../protocol/rotation/function-config.ts';
import { requireCopyable } from '../../protocol/rotation/open-keys.ts';
import { refusalOfFinding } from '../examine/finding.ts';
import { type ManagerPorts, openOrganization, orFinding } from '../examine/keys.ts';
import type { KnownStrategy } from '../examine/read-strategy.ts';
import type { Failure } from '../outcome/failure.ts';
import type { InitRequest } from './init-definition.ts';

/** The manager secret, and where its key asks. */
export type Manager = Pick<FunctionConfig, 'managerSecretArn' | 'controlPlane'>;

/** The manager of the request, otherwise the one of the rotation function. */
export function managerOf({ managerSecret, controlPlaneUrl }: InitRequest, known: KnownStrategy | undefined): Manager {
  const { managerSecretArn, controlPlane = DEFAULT_CONTROL_PLANE } = known?.config ?? {};
  return {
    managerSecretArn: managerSecret ?? managerSecretArn,
    controlPlane: { ...controlPlane, url: controlPlaneUrl ?? controlPlane.url },
  };
}

/** Why the function would refuse one of the credentials, or the manager. */
export async function askControlPlane(
  users: ReadonlyArray<Pick<UsableCredential, 'credentials'>>,
  manager: Manager,
  secretId: string,
  ports: ManagerPorts,
): Promise<Failure | undefined> {
  for (const rotated of users) {
    const key = await orFinding(async () => {
      const { listed } = await openOrganization(rotated, manager, ports);
      return requireCopyable(listed, rotated.credentials.username);
    }, secretId);
    if ('severity' in key) {
      return refusalOfFinding(key);
    }
  }
  return undefined;
}
