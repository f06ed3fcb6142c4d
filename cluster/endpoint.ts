import { isIP } from 'node:net';

/** Where a cluster listens. Built only by {@link parseEndpoint}, so whoever holds one knows that it passed the rules. */
export interface Endpoint {
  /** Always with scheme and port: `https://in01-abc.aws-us-west-2.vectordb.zillizcloud.com:19530`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface EndpointRules {
  /** Host names: `.example.com` allows every host below it, `milvus.example.com` that host alone. */
  readonly allowed: readonly string[];
  /** Lets passwords travel in plain text to hosts other than loopback. */
  readonly allowPlaintext: boolean;
}

/**
 * Zilliz Cloud's own domains.
 * @see https://docs.zilliz.com/docs/on-zilliz-cloud-console
 */
export const ZILLIZ_CLOUD_DOMAINS: readonly string[] = ['.zillizcloud.com', '.zilliz.com.cn'];

const MILVUS_PORT = 19530;

export class EndpointError extends Error {
  override readonly name = 'EndpointError' as const;
}

/**
 * Reads an endpoint and refuses one that a password must not be sent to.
 *
 * @param text `https://host[:port]`; `http://host[:port]` for loopback, or with `allowPlaintext`.
 * Without a port https means 443 (as Zilliz Cloud's serverless endpoints do) and http means Milvus's 19530.
 * @throws EndpointError naming the rule. The text is quoted only up to its host: an endpoint may be pasted with a token.
 */
export function parseEndpoint(text: string, rules: EndpointRules): Endpoint {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') {
    throw new EndpointError(
      'The endpoint is not an address. Expected https://host[:port], as the Zilliz Cloud console shows it under "Public Endpoint".',
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.username !== '' || url.password !== '') {
    throw new EndpointError(
      `The endpoint of ${host} holds a user name or password. Write https://host[:port] and keep the credential in its own fields.`,
    );
  }
  if ((url.pathname !== '/' && url.pathname !== '') || url.search !== '' || url.hash !== '') {
    throw new EndpointError(`The endpoint of ${host} has a path. Expected https://host[:port] and nothing after it.`);
  }
  const tls = url.protocol === 'https:';
  if (!tls && !isLoopback(host) && !rules.allowPlaintext) {
    throw new EndpointError(
      `http://${host} would carry passwords in plain text. Use https://, or allow plain text explicitly if the network in between is yours.`,
    );
  }
  if (!isAllowed(host, rules.allowed)) {
    throw new EndpointError(
      `${host} is not an allowed endpoint. Allowed: ${rules.allowed.join(', ') || 'none'}. Add the host, or a domain with a leading dot, to the allowed endpoints if the cluster is yours.`,
    );
  }
  const port = url.port === '' ? (tls ? 443 : MILVUS_PORT) : Number(url.port);
  return { url: `${url.protocol}//${url.hostname}:${port}`, host, port, tls };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isAllowed(host: string, allowed: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return allowed.some((entry) => {
    const rule = entry.toLowerCase();
    return rule.startsWith('.') ? name.endsWith(rule) && name.length > rule.length : name === rule;
  });
}
