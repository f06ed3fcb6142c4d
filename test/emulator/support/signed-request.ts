// Signed requests without an SDK: for services that this project has no client of, and small enough to go into a function.
import { createHash, createHmac } from 'node:crypto';

export interface Signer {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
}

/** One call: of a JSON service by its target, of EC2 by its action, or of Lambda by its path. */
export type Call =
  | { readonly service: 'kms' | 'logs' | 'secretsmanager'; readonly target: string; readonly body: object }
  | { readonly service: 'ec2'; readonly action: string; readonly parameters?: Readonly<Record<string, string>> }
  | { readonly service: 'lambda'; readonly path: string; readonly body: object };

export interface Answer {
  readonly ok: boolean;
  readonly body: string;
}

interface Content {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Signs the call (SigV4) and makes it. */
export async function signedRequest(signer: Signer, call: Call): Promise<Answer> {
  const content = contentOf(call);
  const headers = sign(signer, call.service, content);
  const response = await fetch(`${signer.endpoint}${content.path}`, { method: 'POST', headers, body: content.body });
  return { ok: response.ok, body: await response.text() };
}

function contentOf(call: Call): Content {
  switch (call.service) {
    case 'ec2': {
      const form = new URLSearchParams({ Action: call.action, Version: '2016-11-15', ...call.parameters });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return { path: '/', headers, body: form.toString() };
    }
    case 'lambda':
      return { path: call.path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(call.body) };
    default: {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': call.target };
      return { path: '/', headers, body: JSON.stringify(call.body) };
    }
  }
}

function sign(signer: Signer, service: string, { path, body, ...content }: Content): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = signer.credentials;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers: Record<string, string> = {
    ...content.headers,
    host: new URL(signer.endpoint).host,
    'x-amz-date': time,
  };
  if (sessionToken) headers['x-amz-security-token'] = sessionToken;
  const names = Object.keys(headers).toSorted();
  const canonical = [
    'POST',
    path,
    '',
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n');
  const scope = [time.slice(0, 8), signer.region, service, 'aws4_request'];
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n')).toString(
    'hex',
  );
  const credential = `${accessKeyId}/${scope.join('/')}`;
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return headers;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
