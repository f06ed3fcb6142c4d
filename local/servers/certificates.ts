import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A certificate authority for one local cloud, and the server certificate that it signed. */
export interface ServerCertificate {
  /** The certificate authority that a client must trust. */
  readonly caPem: string;
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

const VALID_DAYS = 30;

/**
 * Writes a private certificate authority and a certificate for `localhost`, `127.0.0.1` and `::1`
 * to the folder. The authority's key is written nowhere, so the authority cannot sign a second
 * certificate.
 */
export async function makeServerCertificate(folder: string): Promise<ServerCertificate> {
  const notBeforeDate = new Date(Date.now() - 60_000);
  const notAfterDate = new Date(Date.now() + VALID_DAYS * 86_400_000);
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
