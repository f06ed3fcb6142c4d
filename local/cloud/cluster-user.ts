import { expectSuccess, withLocalMilvus } from '../milvus/milvus-client.ts';
import type { MilvusAccess } from './access.ts';

export interface ClusterUser {
  readonly username: string;
  readonly password: string;
  /** Roles to give; those that do not exist are created. @default none: a user may change its own password without any */
  readonly roles?: readonly string[];
}

/** Creates a user on a Milvus server, as root. @throws Error when Milvus refuses: the name is taken, the password too short. */
export async function createClusterUser(server: MilvusAccess, user: ClusterUser): Promise<void> {
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
