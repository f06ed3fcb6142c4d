import { type MilvusAddress, withLocalMilvus } from '../milvus-client.ts';
import { basicToken, callerOf } from './authorization.ts';
import { RestRefusal } from './body.ts';
import { ROUTES } from './routes.ts';
import type { RestTraits } from './versions.ts';

export interface RestCluster {
  readonly milvus: MilvusAddress;
  readonly traits: RestTraits;
  readonly superUsers: readonly string[];
}

export interface RestCall {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface RestAnswer {
  readonly status: number;
  /** An object is sent as JSON. */
  readonly body: string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

const UNAUTHENTICATED: RestAnswer = {
  status: 401,
  body: { code: 1800, message: "user hasn't authenticated" },
};

/**
 * Answers as the REST server in Milvus does, in the order of its checks: login, path, body,
 * permission. The real Milvus decides, with the token of the caller.
 *
 * @throws errors of gRPC that say that Milvus is not reachable
 */
export async function answerOf(call: RestCall, { milvus, traits, superUsers }: RestCluster): Promise<RestAnswer> {
  const { method, path, authorization, body } = call;
  if (method === 'OPTIONS') {
    return { status: 204, body: '', headers: { 'Access-Control-Allow-Origin': '*' } };
  }
  if (method === 'POST' && path.endsWith('/') && ROUTES[path.slice(0, -1)] !== undefined) {
    return { status: 307, body: '', headers: { Location: path.slice(0, -1) } };
  }
  const headers = basicToken(authorization) === undefined ? {} : { 'WWW-Authenticate': CHALLENGE };
  const caller = callerOf(authorization);
  if (caller === undefined) {
    return { ...UNAUTHENTICATED, headers };
  }
  const answer = await withLocalMilvus(milvus, caller.token, async (client) => {
    // Every user may ask for the version, so the answer proves the login and nothing else.
    await client.getVersion();
    const route = method === 'POST' ? ROUTES[path] : undefined;
    if (route === undefined) {
      return { status: 404, body: '404 page not found' };
    }
    const data = await route({ client, caller: caller.username, body, traits, superUsers });
    return { status: 200, body: { code: traits.successCode, data } };
  }).catch((error: unknown) => refusalOf(error, traits));
  return { ...answer, headers };
}

const CHALLENGE = 'Basic realm="restricted", charset="UTF-8"';

function refusalOf(error: unknown, traits: RestTraits): RestAnswer {
  if (error instanceof RestRefusal) {
    return { status: 200, body: { code: error.code, message: error.message } };
  }
  const { code, details } = error as { code?: number; details?: string };
  switch (code) {
    case 16:
      return UNAUTHENTICATED;
    case 7: {
      const message = `rpc error: code = PermissionDenied desc = ${details}${traits.deniedIn}`;
      return { status: 403, body: { code: 65_535, message } };
    }
    case 4:
      return { status: 408, body: traits.timeout };
    default:
      throw error;
  }
}
