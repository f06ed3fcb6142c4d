import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Endpoint } from '../../protocol/cluster/endpoint.ts';

/**
 * Connects to a cluster as a client does: DNS, TCP, and TLS if the endpoint has it. Port: a failure
 * is a value with an error code of Node.
 *
 * @param privateCa PEM. `undefined`: the authorities that Node trusts
 * @returns the certificate, if the endpoint has TLS
 */
export type NetworkProbe = (endpoint: Endpoint, privateCa: string | undefined) => Promise<ProbeAnswer>;

export type ProbeAnswer =
  | { readonly kind: 'done'; readonly certificate: Certificate | undefined }
  | { readonly kind: 'failed'; readonly code: string };

export interface Certificate {
  /** Milliseconds since the epoch. */
  readonly validTo: number;
  readonly issuer: string;
}

const TIMEOUT_MS = 5000;

export const networkProbe: NetworkProbe = async ({ host, port, tls }, privateCa) => {
  try {
    if (!tls) {
      const socket = connect({ host, port, timeout: TIMEOUT_MS });
      return await afterEvent(socket, 'connect', () => ({ kind: 'done', certificate: undefined }));
    }
    // An IP address is no server name.
    const servername = /^[\d.]+$|:/.test(host) ? '' : host;
    const ca = privateCa === undefined ? {} : { ca: privateCa };
    const socket = connectTls({ host, port, servername, timeout: TIMEOUT_MS, ...ca });
    return await afterEvent(socket, 'secureConnect', () => ({ kind: 'done', certificate: certificateOf(socket) }));
  } catch (error) {
    const { code } = error as { code?: unknown };
    return { kind: 'failed', code: typeof code === 'string' ? code : 'unknown' };
  }
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
