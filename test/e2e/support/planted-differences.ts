import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { send } from '../../../bench/performance/front.ts';
import { forward, grpcProxy, respond } from '../../../local/servers/grpc-proxy.ts';
import { type Listening, listenOnLoopback } from '../../../local/servers/ports.ts';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';

type Server = Listening & { readonly url: string };

interface Body {
  SecretId?: string;
  RotateImmediately?: boolean;
  VersionStage?: string;
  RemoveFromVersionId?: string;
}

/** AWS that rotates at a schedule at once, and loses AWSPREVIOUS if AWSCURRENT moves. */
export async function strangeAws(awsUrl: string): Promise<Server> {
  const relay = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const text = Buffer.concat((await incoming.toArray()) as Buffer[]).toString();
    const action = String(incoming.headers['x-amz-target'] ?? '').split('.')[1];
    const { RotateImmediately: _now, ...body } = (action === undefined ? {} : JSON.parse(text)) as Body;
    const answer = await send(awsUrl, incoming, action === 'RotateSecret' ? JSON.stringify(body) : text);
    if (action === 'UpdateSecretVersionStage' && body.VersionStage === AWSCURRENT && answer.status === 200) {
      const { SecretId, RemoveFromVersionId } = body;
      await send(awsUrl, incoming, JSON.stringify({ SecretId, RemoveFromVersionId, VersionStage: AWSPREVIOUS }));
    }
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  };
  return await listen(
    createServer((incoming, outgoing) => {
      relay(incoming, outgoing).catch(() => outgoing.destroy());
    }),
  );
}

/** Milvus that answers an unknown user with another code of gRPC than a wrong password. */
export async function strangeMilvus(endpoint: string): Promise<Server> {
  const known = new Set<string>();
  return await listen(
    grpcProxy({ endpoint }, async (proxied) => {
      const [username = ''] = Buffer.from(String(proxied.headers.authorization), 'base64').toString().split(':');
      const answer = await forward(proxied);
      const isRefused = [answer.headers, answer.trailers].some((part) => part['grpc-status'] === '16');
      if (!isRefused) {
        known.add(username);
      }
      const other = isRefused && !known.has(username) ? { 'grpc-status': '13' } : {};
      const [headers, trailers] = [answer.headers, answer.trailers].map((part) =>
        'grpc-status' in part ? { ...part, ...other } : part,
      );
      respond(proxied.stream, { ...answer, headers: headers ?? {}, trailers: trailers ?? {} });
    }),
  );
}

async function listen(server: Parameters<typeof listenOnLoopback>[0]): Promise<Server> {
  const listening = await listenOnLoopback(server);
  return { ...listening, url: `http://127.0.0.1:${listening.port}` };
}
