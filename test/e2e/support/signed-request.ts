// Signed requests to services without an SDK client, in little enough code for a function.
import { HttpRequest } from '@smithy/core/protocols';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Signer {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
}

/** A call: to a JSON service by target, to EC2 by action, or to Lambda by path. */
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

/** Signs the call (SigV4) and sends the request. */
export async function signedRequest(signer: Signer, call: Call): Promise<Answer> {
  const content = contentOf(call);
  const headers = await sign(signer, call.service, content);
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

async function sign(signer: Signer, service: string, content: Content): Promise<Record<string, string>> {
  const { hostname, port } = new URL(signer.endpoint);
  const { region, credentials } = signer;
  const { sessionToken, ...keys } = credentials;
  const identity = { ...keys, ...(sessionToken && { sessionToken }) };
  const signature = new SignatureV4({ service, region, credentials: identity, sha256: Hash.bind(undefined, 'sha256') });
  const headers = { ...content.headers, host: `${hostname}:${port}` };
  const request = new HttpRequest({ ...content, headers, method: 'POST', hostname, port: Number(port) });
  return (await signature.sign(request)).headers;
}
