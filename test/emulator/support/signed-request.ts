// Requests to services of AWS for which this project has no SDK client: KMS and EC2. Small enough to go into a function.
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

/** One call: of a JSON service by its target, or of EC2 by its action. */
export type Call =
  | { readonly service: 'kms' | 'logs'; readonly target: string; readonly body: object }
  | { readonly service: 'ec2'; readonly action: string; readonly parameters?: Readonly<Record<string, string>> };

export interface Answer {
  readonly ok: boolean;
  readonly body: string;
}

/** Signs the call (SigV4) and makes it. */
export async function signedRequest(signer: Signer, call: Call): Promise<Answer> {
  const { headers, body } = contentOf(call);
  const signed = sign(signer, call.service, headers, body);
  const response = await fetch(`${signer.endpoint}/`, { method: 'POST', headers: signed, body });
  return { ok: response.ok, body: await response.text() };
}

function contentOf(call: Call): { headers: Record<string, string>; body: string } {
  if (call.service !== 'ec2') {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': call.target };
    return { headers, body: JSON.stringify(call.body) };
  }
  const form = new URLSearchParams({ Action: call.action, Version: '2016-11-15', ...call.parameters });
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() };
}

function sign(signer: Signer, service: string, content: Record<string, string>, body: string): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = signer.credentials;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers: Record<string, string> = { ...content, host: new URL(signer.endpoint).host, 'x-amz-date': time };
  if (sessionToken) headers['x-amz-security-token'] = sessionToken;
  const names = Object.keys(headers).toSorted();
  const canonical = [
    'POST',
    '/',
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
