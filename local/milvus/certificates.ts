import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** Files of a certificate authority that exists for one local cloud only, and of the server certificate that it signed. */
export interface ServerCertificate {
  /** What a client has to trust. */
  readonly caPem: string;
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Long enough for a cloud that is left running, short enough to be worthless when it is found later. */
const DAYS = 30;

/**
 * Makes a private certificate authority and a certificate for `localhost`, `127.0.0.1` and `::1` in the folder. The
 * authority's key is thrown away, so that trusting it can never mean to trust anything but this one server.
 */
export async function makeServerCertificate(folder: string): Promise<ServerCertificate> {
  const notBeforeDate = new Date(Date.now() - 60_000);
  const notAfterDate = new Date(Date.now() + DAYS * 86_400_000);
  const common = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256', notBeforeDate, notAfterDate } as const;
  const authority = await generate([{ name: 'commonName', value: 'zilliz-secret-rotation local cloud' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  await mkdir(folder, { recursive: true });
  const files = {
    caFile: join(folder, 'ca.pem'),
    certificateFile: join(folder, 'server.pem'),
    keyFile: join(folder, 'server.key'),
  };
  await writeFile(files.caFile, authority.cert);
  await writeFile(files.certificateFile, server.cert);
  await writeFile(files.keyFile, server.private, { mode: 0o600 });
  return { caPem: authority.cert, ...files };
}
