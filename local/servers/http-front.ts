import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';

/** A complete answer of the server behind a front. */
export interface ForwardedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpCall {
  /** The action of AWS, or the last part of the path. */
  readonly name: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Sends the request to the server, with this body. @default the body of the caller */
  forward(body?: string): Promise<ForwardedAnswer>;
}

/**
 * Makes a front for a server of HTTP/1.1: the AWS emulator, Milvus with REST, or a control plane.
 *
 * @param answer If it throws, the connection ends.
 */
export function httpFront(target: string, answer: (call: HttpCall) => Promise<ForwardedAnswer>): Server {
  return createServer((incoming, outgoing) => {
    const respond = async (): Promise<void> => {
      const { url = '', headers } = incoming;
      const body = Buffer.concat((await incoming.toArray()) as Buffer[]).toString();
      const name =
        String(headers['x-amz-target'] ?? url)
          .split(/[/.]/)
          .at(-1) ?? '';
      const forward = (sent = body): Promise<ForwardedAnswer> => send(target, incoming, sent);
      const { status, headers: received, body: answered } = await answer({ name, headers, body, forward });
      outgoing.writeHead(status, received).end(answered);
    };
    respond().catch(() => outgoing.destroy());
  });
}

/** Sends the request on a connection of its own. */
async function send(
  target: string,
  { method, url = '/', headers }: IncomingMessage,
  body: string,
): Promise<ForwardedAnswer> {
  const { connection: _, 'content-length': _length, ...sent } = headers;
  const call = request(new URL(url, target), { method, headers: sent, agent: false }).end(body);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  const { connection: _own, ...received } = answer.headers;
  return {
    status: answer.statusCode ?? 502,
    headers: received,
    body: Buffer.concat((await answer.toArray()) as Buffer[]),
  };
}
