import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Endpoint } from '../../protocol/cluster/endpoint.ts';

/** Tries DNS, TCP and TLS to a cluster. Port: a failure is a value with an error code of Node. */
export interface NetworkProbe {
  resolve(host: string): Promise<ProbeAnswer<readonly string[]>>;
  connect(endpoint: Endpoint): Promise<ProbeAnswer<undefined>>;
  /** @param privateCa PEM. `undefined`: the authorities that Node trusts. */
  handshake(endpoint: Endpoint, privateCa: string | undefined): Promise<ProbeAnswer<Certificate>>;
}

export type ProbeAnswer<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'failed'; code: string };

export interface Certificate {
  /** Milliseconds since the epoch. */
  readonly validTo: number;
  readonly issuer: string;
}

const TIMEOUT_MS = 5000;

export const networkProbe: NetworkProbe = {
  resolve: async (host) =>
    await answer(lookup(host, { all: true }).then((found) => found.map(({ address }) => address))),

  connect: async ({ host, port }) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    return await answer(afterEvent(socket, 'connect', () => undefined));
  },

  handshake: async ({ host, port }, privateCa) => {
    // An IP address is no server name.
    const servername = /^[\d.]+$|:/.test(host) ? '' : host;
    const ca = privateCa === undefined ? {} : { ca: privateCa };
    const socket = connectTls({ host, port, servername, timeout: TIMEOUT_MS, ...ca });
    return await answer(afterEvent(socket, 'secureConnect', () => certificateOf(socket)));
  },
};

async function afterEvent<T>(socket: ReturnType<typeof connect>, event: string, read: () => T): Promise<T> {
  try {
    await Promise.race([
      once(socket, event),
      once(socket, 'timeout').then(() => {
        throw Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
      }),
    ]);
    return read();
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

function certificateOf(socket: TLSSocket): Certificate {
  const { valid_to: validTo, issuer } = socket.getPeerCertificate();
  const name = issuer?.O ?? issuer?.CN ?? 'an unnamed authority';
  return { validTo: Date.parse(validTo), issuer: Array.isArray(name) ? name.join(', ') : name };
}

async function answer<T>(value: Promise<T>): Promise<ProbeAnswer<T>> {
  try {
    return { kind: 'done', value: await value };
  } catch (error) {
    const { code } = error as { code?: unknown };
    return { kind: 'failed', code: typeof code === 'string' ? code : 'unknown' };
  }
}
