import type { MilvusName } from '../../../local/cloud/access.ts';
import { newSecret } from '../../support/deployed-rotation.ts';
import { newPassword, servers, uniqueName } from '../../support/servers.ts';

/** Creates the secret of an admin of the server. @returns its name */
export function newAdminSecret(server: MilvusName): Promise<string> {
  const { endpoint, rootPassword } = servers().access.milvus[server];
  return newSecret(JSON.stringify({ endpoint, username: 'root', password: rootPassword }));
}

/** Creates a role that no other test uses. */
export async function newRole(server: MilvusName): Promise<string> {
  const role = uniqueName('reader');
  await servers().createClusterUser(server, { username: uniqueName('other'), password: newPassword(), roles: [role] });
  return role;
}
