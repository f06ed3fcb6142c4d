import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { DEFAULT_CONTROL_PLANE } from '../../protocol/keys/control-plane.ts';
import { requireCopyable } from '../../protocol/rotation/open-keys.ts';
import { endWithFinding } from '../examine/finding.ts';
import { type Manager, type ManagerPorts, openOrganization, orFinding } from '../examine/keys.ts';
import type { KnownStrategy } from '../examine/read-strategy.ts';
import type { InitOptions } from './init-definition.ts';

/** The manager of the options, otherwise the one of the rotation function. */
export function managerOf({ managerSecret, controlPlaneUrl }: InitOptions, known: KnownStrategy | undefined): Manager {
  const { managerSecretArn, controlPlane = DEFAULT_CONTROL_PLANE } = known?.config ?? {};
  return {
    managerSecretArn: managerSecret ?? managerSecretArn,
    controlPlane: { ...controlPlane, url: controlPlaneUrl ?? controlPlane.url },
  };
}

/** @throws FailureError if the function would refuse one of the credentials, or the manager */
export async function askControlPlane(
  users: ReadonlyArray<Pick<UsableCredential, 'credentials'>>,
  manager: Manager,
  secretId: string,
  ports: ManagerPorts,
): Promise<void> {
  for (const rotated of users) {
    const key = await orFinding(async () => {
      const { listed } = await openOrganization(rotated, manager, ports);
      return requireCopyable(listed, rotated.credentials.username);
    }, secretId);
    if ('severity' in key) {
      endWithFinding(key, 'refused');
    }
  }
}
