import type { MilvusClient, RowData } from '@zilliz/milvus2-sdk-node';
import { Refusal } from './http-answer.ts';

/** Versions of Milvus whose REST v2 differs. 2.4 is 2.4.3 to 2.4.17, 2.6 is 2.6.6 and later. */
export type RestVersion = '2.3.13' | '2.4' | '2.5' | '2.6';

/** What differs between versions of Milvus, as read in its source (docs/assumptions.md). */
export interface RestTraits {
  /** `code` of a success. ASSUMPTION milvus-rest-success */
  readonly successCode: 0 | 200;
  /**
   * Bytes of a new password, which Milvus checks before the old password.
   * ASSUMPTION milvus-password-length
   */
  readonly longestPassword: 72 | 256;
  /** The end of the text for a missing permission. */
  readonly deniedIn: '' | ' in the `default` database';
  /**
   * Whether Milvus creates an unknown user if a super user sets the password of that user.
   * ASSUMPTION milvus-super-user
   */
  readonly superUserCreates: boolean;
  /** The body of HTTP 408. ASSUMPTION milvus-rest-timeout */
  readonly timeout: string | object;
  /** Whether an answer about a user has its description. ASSUMPTION milvus-descriptions */
  readonly hasDescriptions: boolean;
}

const V2_4: RestTraits = {
  successCode: 0,
  longestPassword: 256,
  deniedIn: ' in the `default` database',
  superUserCreates: true,
  timeout: 'timeout',
  hasDescriptions: false,
};
const V2_5: RestTraits = {
  ...V2_4,
  longestPassword: 72,
  timeout: { code: 10_001, message: 'request timeout' },
};

export const REST_TRAITS: Readonly<Record<RestVersion, RestTraits>> = {
  '2.3.13': { ...V2_4, successCode: 200, deniedIn: '' },
  '2.4': V2_4,
  '2.5': V2_5,
  '2.6': { ...V2_5, superUserCreates: false, hasDescriptions: true },
};

/** A request whose caller Milvus has authenticated. */
export interface RoutedRequest {
  /** A client that is logged in as the caller. */
  readonly client: MilvusClient;
  readonly caller: string;
  readonly body: string;
  readonly traits: RestTraits;
  /** By username. */
  readonly descriptions: Map<string, string>;
  /** Users who can set every user's password without the old password. */
  readonly superUsers: readonly string[];
}

/**
 * The routes that this project uses. Each returns `data` of the answer.
 *
 * @throws Refusal, and errors of gRPC
 */
export const ROUTES: Readonly<Record<string, (request: RoutedRequest) => Promise<object>>> = {
  '/v2/vectordb/users/describe': async ({ client, body }) => {
    const { userName: username = '' } = fieldsOf(body, ['userName']);
    const { status, results } = await client.describeUser({ username });
    expectSuccess(status);
    // An unknown user has no roles either. Milvus 2.3.5 names a role '' for a user without roles.
    return results.flatMap(({ roles }) => roles.map(({ name }) => name)).filter((name) => name !== '');
  },

  '/v2/vectordb/users/update_password': async ({ client, caller, body, traits, descriptions, superUsers }) => {
    // A user may change its description without a password.
    const { userName, description, newPassword: next } = fieldsOf(body, ['userName']);
    if (traits.hasDescriptions && userName === caller && description !== undefined && next === undefined) {
      descriptions.set(caller, description);
      return {};
    }
    const fields = fieldsOf(body, ['userName', 'password', 'newPassword']);
    const { userName: username = '', password: oldPassword = '', newPassword = '' } = fields;
    const bytes = Buffer.byteLength(newPassword);
    const fits = bytes >= SHORTEST && bytes <= traits.longestPassword;
    if (fits && !traits.superUserCreates && superUsers.includes(caller) && !(await exists(client, username))) {
      throw new Refusal(UNEXPECTED, 'failed to check if update credential: user not found');
    }
    // Milvus 2.3.5 checks the permission and then refuses a password of a wrong length, so nothing
    // changes. The error below has the text of the imitated version.
    const status = await client.updatePassword({ username, oldPassword, newPassword });
    if (!fits) {
      const range = `${bytes} out of range ${SHORTEST} <= value <= ${traits.longestPassword}`;
      throw new Refusal(1100, `invalid password length: invalid parameter[${range}]`);
    }
    expectSuccess(status);
    return {};
  },

  '/v2/vectordb/collections/list': async ({ client, body }) => {
    fieldsOf(body, []);
    const { status, data } = await client.listCollections();
    expectSuccess(status);
    return data.map(({ name }) => name);
  },

  '/v2/vectordb/entities/insert': async ({ client, body }) => {
    const { collectionName: collection_name = '' } = fieldsOf(body, ['collectionName', 'data']);
    const { data } = JSON.parse(body) as { data: RowData | RowData[] };
    const { status, insert_cnt, IDs } = await client.insert({ collection_name, data: [data].flat() });
    expectSuccess(status);
    return { insertCount: Number(insert_cnt), insertIds: 'int_id' in IDs ? IDs.int_id.data : IDs.str_id.data };
  },

  '/v2/vectordb/entities/search': async ({ client, body }) => {
    const { collectionName: collection_name = '' } = fieldsOf(body, ['collectionName', 'data']);
    const { data, limit = 100 } = JSON.parse(body) as { data: number[][]; limit?: number };
    const { status, results } = await client.search({ collection_name, data, limit });
    expectSuccess(status);
    return results.flat().map(({ score, ...fields }) => ({ ...fields, distance: score }));
  },
};

const SHORTEST = 6;
/** The code of an error without a code of its own. */
const UNEXPECTED = 65_535;

/** @throws Refusal with 1801 if the body is not JSON, 1802 if a field is absent or empty */
function fieldsOf(body: string, names: readonly string[]): Readonly<Record<string, string>> {
  let given: Readonly<Record<string, string>>;
  try {
    given = JSON.parse(body) as typeof given;
  } catch {
    throw new Refusal(1801, 'can only accept json format request, error: invalid character');
  }
  const missing = names.filter((name) => !given[name]);
  if (missing.length > 0) {
    throw new Refusal(1802, `missing required parameters, error: ${missing.join(', ')}`);
  }
  return given;
}

async function exists(client: MilvusClient, username: string): Promise<boolean> {
  const { results } = await client.describeUser({ username });
  return results.some(({ user }) => user?.name === username);
}

interface MilvusStatus {
  readonly error_code: string | number;
  readonly code?: number;
  readonly reason: string;
}

function expectSuccess({ error_code: name, code = 0, reason }: MilvusStatus): void {
  if (name !== 'Success') {
    throw new Refusal(code === 0 ? UNEXPECTED : code, reason);
  }
}
