import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { createPasswordGenerator } from '../../adapters/generated-password.ts';
import { withMilvusClient } from '../../adapters/milvus-client.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../protocol/cluster/password-policy.ts';

/** The address of a Milvus server. Plain data. */
export interface MilvusAddress {
  /** `http://127.0.0.1:20001` or `https://localhost:20014`. */
  readonly endpoint: string;
  /** The private certificate authority of an https endpoint, as PEM. */
  readonly caPem?: string;
}

const TIMEOUT_MS = 10_000;

/** Calls `use` with a client of the official SDK, and closes the client afterwards. */
export function withLocalMilvus<T>(
  { endpoint, caPem }: MilvusAddress,
  token: string,
  use: (client: MilvusClient) => Promise<T>,
): Promise<T> {
  return withMilvusClient({ address: endpoint, token, timeoutMs: TIMEOUT_MS, privateCa: caPem }, use);
}

/** Calls `use` with a client of the administrator. */
export function asRoot<T>(
  server: MilvusAddress & { readonly rootPassword: string },
  use: (root: MilvusClient) => Promise<T>,
): Promise<T> {
  return withLocalMilvus(server, `root:${server.rootPassword}`, use);
}

/** Throws a refusal of the server. The SDK itself throws only errors of network and login. */
export function expectSuccess(action: string, answer: { error_code?: unknown; reason?: unknown } | undefined): void {
  if (answer?.error_code !== 'Success') {
    throw new Error(`Milvus refused to ${action}: ${String(answer?.reason ?? answer?.error_code ?? 'no answer')}`);
  }
}

/** Makes a password as a rotation does. */
export const newPassword: () => string = createPasswordGenerator(DEFAULT_PASSWORD_POLICY);

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
export async function createClusterUser(
  server: MilvusAddress & { readonly rootPassword: string },
  { username, password, roles = [] }: ClusterUser,
): Promise<void> {
  await asRoot(server, async (client) => {
    expectSuccess(`create the user ${username}`, await client.createUser({ username, password }));
    const { results } = roles.length === 0 ? { results: [] } : await client.listRoles();
    for (const roleName of roles) {
      if (!results.some(({ role }) => role.name === roleName)) {
        expectSuccess(`create the role ${roleName}`, await client.createRole({ roleName }));
      }
      const answer = await client.addUserToRole({ username, roleName });
      expectSuccess(`give ${username} the role ${roleName}`, answer);
    }
  });
}

/** Changes a password as its user does. @throws Error if Milvus refuses. */
export async function setPassword(
  server: MilvusAddress,
  { username, password: oldPassword }: Pick<ClusterUser, 'username' | 'password'>,
  newPassword: string,
): Promise<void> {
  await withLocalMilvus(server, `${username}:${oldPassword}`, async (client) => {
    const answer = await client.updateUser({ username, oldPassword, newPassword });
    expectSuccess(`change the password of ${username}`, answer);
  });
}

/** Logs in with a token on a new connection. */
export async function logInWithToken(address: MilvusAddress, token: string): Promise<'accepted' | 'refused'> {
  try {
    // An API key has no user of its own. It acts as an admin, who may describe any user.
    const [username = ''] = token.includes(':') ? token.split(':') : ['root'];
    const { status } = await withLocalMilvus(address, token, (client) => client.describeUser({ username }));
    expectSuccess('answer a login', status);
    return 'accepted';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNAUTHENTICATED) {
      return 'refused';
    }
    throw error;
  }
}

const UNAUTHENTICATED = 16;
