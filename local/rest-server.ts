import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ServerCertificate } from './milvus/certificates.ts';
import type { MilvusAddress } from './milvus/milvus-client.ts';
import { answerOf, type RestCluster } from './milvus/rest/answer.ts';
import { REST_TRAITS, type RestVersion } from './milvus/rest/versions.ts';
import { listenOnLoopback } from './process/loopback.ts';

export interface RestServerOptions {
  /** The Milvus that decides every request. */
  readonly milvus: MilvusAddress;
  /** The version of Milvus whose REST v2 is imitated. @default '2.6' */
  readonly version?: RestVersion;
  /** The super users of that Milvus. @default none */
  readonly superUsers?: readonly string[];
  /** Switches TLS on, at `https://localhost`. @default plain text at `http://127.0.0.1` */
  readonly certificate?: Pick<ServerCertificate, 'certificateFile' | 'keyFile'>;
}

export interface RestServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts REST v2 in front of a Milvus, because Milvus 2.3.5 has none. The server runs in this
 * process, on a free port of 127.0.0.1. It has the two routes that this project uses.
 */
export async function startRestServer(options: RestServerOptions): Promise<RestServer> {
  const { milvus, version = '2.6', superUsers = [], certificate } = options;
  const cluster: RestCluster = { milvus, traits: REST_TRAITS[version], superUsers };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    // If Milvus does not run, its own HTTP server does not run either. So the connection ends.
    answer(request, response, cluster).catch(() => request.socket.destroy());
  };
  const server: Server =
    certificate === undefined
      ? createServer(onRequest)
      : createTlsServer(
          { cert: readFileSync(certificate.certificateFile), key: readFileSync(certificate.keyFile) },
          onRequest,
        );
  const port = await listenOnLoopback(server);
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { endpoint: certificate === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`, stop };
}

async function answer(request: IncomingMessage, response: ServerResponse, cluster: RestCluster): Promise<void> {
  const { method = '', url: path = '', headers } = request;
  const call = { method, path, authorization: headers.authorization, body: await text(request) };
  const { status, body, headers: further = {} } = await answerOf(call, cluster);
  const isJson = typeof body === 'object';
  response.writeHead(status, {
    ...further,
    'Content-Type': isJson ? 'application/json; charset=utf-8' : 'text/plain',
  });
  response.end(isJson ? goJson(body) : body);
}

/** Go escapes these characters in JSON. */
function goJson(value: object): string {
  return JSON.stringify(value).replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
