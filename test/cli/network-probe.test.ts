import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it } from 'vitest';
import { networkProbe } from '../../cli/cluster/network-probe.ts';
import { parseAnyEndpoint } from '../../protocol/cluster/endpoint.ts';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) {
    close();
  }
});

async function listening(server: ReturnType<typeof createServer>) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return parseAnyEndpoint(`https://localhost:${(server.address() as AddressInfo).port}`, { allowPlaintext: false });
}

describe('the network probe', () => {
  it('returns the code of an unknown host', async () => {
    const endpoint = parseAnyEndpoint('https://no-such-host.invalid', { allowPlaintext: false });
    expect(await networkProbe(endpoint, undefined)).toMatchObject({
      kind: 'failed',
      code: expect.stringMatching(/^E(NOTFOUND|AI_AGAIN)$/),
    });
  });

  it('connects to a port without TLS, or returns the code of the refusal', async () => {
    const server = createServer((socket) => socket.destroy());
    const endpoint = { ...(await listening(server)), tls: false };

    expect(await networkProbe(endpoint, undefined)).toEqual({ kind: 'done', certificate: undefined });
    server.close();
    await once(server, 'close');
    expect(await networkProbe(endpoint, undefined)).toEqual({ kind: 'failed', code: 'ECONNREFUSED' });
  });

  it('reads the certificate that the given authority signed, and refuses it without the authority', async () => {
    const days = (count: number) => new Date(Math.floor(Date.now() / 1000) * 1000 + count * 86_400_000);
    const notAfterDate = days(20);
    const pems = await generate([{ name: 'organizationName', value: 'Example' }], {
      notBeforeDate: days(-1),
      notAfterDate,
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const endpoint = await listening(createTlsServer({ key: pems.private, cert: pems.cert }));

    expect(await networkProbe(endpoint, pems.cert)).toEqual({
      kind: 'done',
      certificate: { validTo: notAfterDate.getTime(), issuer: 'Example' },
    });
    expect(await networkProbe(endpoint, undefined)).toMatchObject({
      kind: 'failed',
      code: expect.stringContaining('SELF_SIGNED'),
    });
  });
});
