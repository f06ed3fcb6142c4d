import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ServerCertificate } from './certificates.ts';
import { type HttpAnswer, Refusal, send } from './http-answer.ts';
import { type MilvusAddress, withLocalMilvus } from './milvus-client.ts';
import { listenOnLoopback } from './ports.ts';
import { REST_TRAITS, type RestTraits, type RestVersion, ROUTES, type RoutedRequest } from './rest-routes.ts';

export interface RestServerOptions {
  /** The Milvus that decides every request. */
  readonly milvus: MilvusAddress;
  /** The version of Milvus whose REST v2 is imitated. @default '2.6' */
  readonly version?: RestVersion;
  /** The super users of that Milvus. @default none */
  readonly superUsers?: readonly string[];
  /**
   * Replaces the token of each request, as a gateway does with an API key. @default the same token
   */
  readonly tokenFor?: (token: string) => string;
  /** Switches TLS on, at `https://localhost`. @default plain text at `http://127.0.0.1` */
  readonly certificate?: Pick<ServerCertificate, 'certificateFile' | 'keyFile'>;
}

export interface RestServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts REST v2 in front of a Milvus, because Milvus 2.3.5 has none. The server runs in this
 * process, on a free port of 127.0.0.1. It has the routes that this project uses.
 */
export async function startRestServer(options: RestServerOptions): Promise<RestServer> {
  const { certificate } = options;
  const descriptions = new Map<string, string>();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    // If Milvus does not run, its own HTTP server does not run either. So the connection ends.
    answerTo(request, { ...options, descriptions })
      .then((answer) => send(response, answer))
      .catch(() => request.socket.destroy());
  };
  const server: Server =
    certificate === undefined
      ? createServer(onRequest)
      : createTlsServer(
          { cert: readFileSync(certificate.certificateFile), key: readFileSync(certificate.keyFile) },
          onRequest,
        );
  const { port, url, stop } = await listenOnLoopback(server);
  return { endpoint: certificate === undefined ? url : `https://localhost:${port}`, stop };
}

type RunningServer = RestServerOptions & Pick<RoutedRequest, 'descriptions'>;

/** ASSUMPTION milvus-refusal */
const UNAUTHENTICATED: HttpAnswer = { status: 401, body: { code: 1800, message: "user hasn't authenticated" } };

/**
 * Answers as the REST server in Milvus does, in the order of its checks: login, path, body,
 * permission. The real Milvus decides, with the token of the caller.
 *
 * @throws errors of gRPC that say that Milvus is not reachable
 */
async function answerTo(request: IncomingMessage, options: RunningServer): Promise<HttpAnswer> {
  const { milvus, version = '2.6', superUsers = [], descriptions, tokenFor = (token) => token } = options;
  const traits = REST_TRAITS[version];
  const body = await text(request);
  const token = tokenFor(tokenIn(request.headers.authorization ?? ''));
  const [, caller, password] = /^([^:]*):(.*)$/s.exec(token) ?? [];
  // Open source Milvus has no API keys: a token without a user or a password is refused.
  if (!caller || !password) {
    return UNAUTHENTICATED;
  }
  return withLocalMilvus(milvus, token, async (client) => {
    // Every user may ask for the version, so the answer proves the login and nothing else.
    await client.getVersion();
    const route = request.method === 'POST' ? ROUTES[request.url ?? ''] : undefined;
    if (route === undefined) {
      return { status: 404, body: '404 page not found' };
    }
    const data = await route({ client, caller, body, traits, descriptions, superUsers });
    const isDescribed = traits.hasDescriptions && request.url?.endsWith('/users/describe') === true;
    const described = isDescribed ? (JSON.parse(body) as { userName: string }) : undefined;
    const description = described && (descriptions.get(described.userName) ?? '');
    return { status: 200, body: { code: traits.successCode, data, description } };
  }).catch((error: unknown) => refusalOf(error, traits));
}

const TIMED_OUT = 10_001;

/** Reads `Authorization` as Milvus does: `Basic`, or `Bearer user:password`, or the token alone. */
function tokenIn(authorization: string): string {
  const [, base64] = /^Basic ([A-Za-z\d+/]+={0,2})$/i.exec(authorization) ?? [];
  return base64 === undefined ? authorization.replace(/^Bearer /, '') : Buffer.from(base64, 'base64').toString();
}

function refusalOf(error: unknown, traits: RestTraits): HttpAnswer {
  if (error instanceof Refusal) {
    return error.code === TIMED_OUT ? { status: 408, body: traits.timeout } : error.answer;
  }
  const { code, details } = error as { code?: number; details?: string };
  if (code === 16) {
    return UNAUTHENTICATED;
  }
  if (code === 7) {
    const message = `rpc error: code = PermissionDenied desc = ${details}${traits.deniedIn}`;
    return { status: 403, body: { code: 65_535, message } };
  }
  throw error;
}
