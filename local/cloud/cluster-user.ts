import { expectSuccess, withLocalMilvus } from '../milvus/milvus-client.ts';
import type { MilvusAccess } from './access.ts';

export interface ClusterUser {
  readonly username: string;
  readonly password: string;
  /**
   * Roles of the user. A missing role is created.
   * @default none, because a password change needs no role
   */
  readonly roles?: readonly string[];
}

/** Creates a user as root. @throws Error if Milvus refuses, for example an existing name. */
export async function createClusterUser(server: Omit<MilvusAccess, 'restEndpoint'>, user: ClusterUser): Promise<void> {
  await withLocalMilvus(server, `root:${server.rootPassword}`, async (client) => {
    const { username, password, roles = [] } = user;
    expectSuccess(`create the user ${username}`, await client.createUser({ username, password }));
    if (roles.length === 0) {
      return;
    }
    const { results } = await client.listRoles();
    const existing = results.map(({ role }) => role.name);
    for (const roleName of roles) {
      if (!existing.includes(roleName)) {
        expectSuccess(`create the role ${roleName}`, await client.createRole({ roleName }));
      }
      const answer = await client.addUserToRole({ username, roleName });
      expectSuccess(`give ${username} the role ${roleName}`, answer);
    }
  });
}
