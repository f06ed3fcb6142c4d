import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { RestRefusal, readBody } from './body.ts';
import type { RestTraits } from './versions.ts';

/** A request whose caller Milvus has authenticated. */
export interface RestRequest {
  /** A client that is logged in as the caller. */
  readonly client: MilvusClient;
  readonly caller: string;
  readonly body: string;
  readonly traits: RestTraits;
  /** Users who can set every user's password without the old password. */
  readonly superUsers: readonly string[];
}

/**
 * Returns `data` of the answer.
 *
 * @throws RestRefusal, and errors of gRPC
 */
type Route = (request: RestRequest) => Promise<object>;

const USERS = '/v2/vectordb/users';

/** The routes that this project uses. */
export const ROUTES: Readonly<Record<string, Route>> = {
  [`${USERS}/describe`]: async ({ client, body }) => {
    const { userName } = readBody(body, 'UserReq');
    const { status, results } = await client.describeUser({ username: userName });
    expectSuccess(status);
    // An unknown user has no roles either. Milvus 2.3.5 names a role '' for a user without roles.
    return results.flatMap(({ roles }) => roles.map(({ name }) => name)).filter((name) => name !== '');
  },

  [`${USERS}/update_password`]: async ({ client, caller, body, traits, superUsers }) => {
    const { userName: username, password: oldPassword, newPassword } = readBody(body, 'NewPasswordReq');
    const bytes = Buffer.byteLength(newPassword);
    const fits = bytes >= SHORTEST && bytes <= traits.longestPassword;
    if (fits && !traits.superUserCreates && superUsers.includes(caller) && !(await exists(client, username))) {
      throw new RestRefusal(65_535, 'failed to check if update credential: user not found');
    }
    // Milvus 2.3.5 checks the permission and then refuses a password of a wrong length, so nothing
    // changes. The error below has the text of the imitated version.
    const status = await client.updatePassword({ username, oldPassword, newPassword });
    if (!fits) {
      const range = `${bytes} out of range ${SHORTEST} <= value <= ${traits.longestPassword}`;
      throw new RestRefusal(1100, `invalid password length: invalid parameter[${range}]`);
    }
    expectSuccess(status);
    return {};
  },
};

const SHORTEST = 6;

async function exists(client: MilvusClient, username: string): Promise<boolean> {
  const { results } = await client.describeUser({ username });
  return results.some(({ user }) => user?.name === username);
}

/** An error without a code of its own becomes the unexpected error of REST: 65535. */
function expectSuccess({ error_code: name, code = 0, reason }: MilvusStatus): void {
  if (name !== 'Success') {
    throw new RestRefusal(code === 0 ? 65_535 : code, reason);
  }
}

interface MilvusStatus {
  readonly error_code: string | number;
  readonly code?: number;
  readonly reason: string;
}
