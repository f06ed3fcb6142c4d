import { isIP } from 'node:net';

/** The address of a cluster. Only {@link parseAnyEndpoint} makes one. */
export interface Endpoint {
  /** With scheme and port: `https://in01-abc.aws-us-west-2.vectordb.zillizcloud.com:19530`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface EndpointRules {
  /** `milvus.example.com` allows this host. `.example.com` allows every host below the domain. */
  readonly allowed: readonly string[];
  /** Allows `http://` to hosts other than loopback, so that passwords travel in plain text. */
  readonly allowPlaintext: boolean;
}

/** How a cluster is reached: `grpc`, or `rest` for REST v2, which Milvus has since 2.3.13. */
export type Transport = 'grpc' | 'rest';

export const TRANSPORTS: readonly ['grpc', 'rest'] = ['grpc', 'rest'];

export function isTransport(name: string): name is Transport {
  return (TRANSPORTS as readonly string[]).includes(name);
}

/**
 * The domains of Zilliz Cloud.
 * @see https://docs.zilliz.com/docs/on-zilliz-cloud-console
 */
export const ZILLIZ_CLOUD_DOMAINS: readonly string[] = ['.zillizcloud.com', '.zilliz.com.cn'];

const MILVUS_PORT = 19530;

export class EndpointError extends Error {
  override readonly name = 'EndpointError' as const;
}

/**
 * Parses an endpoint as {@link parseAnyEndpoint} does, and refuses a host that is not allowed.
 *
 * @throws EndpointError that quotes only the host, because the text may hold a token.
 */
export function parseEndpoint(text: string, rules: EndpointRules): Endpoint {
  const endpoint = parseAnyEndpoint(text, rules);
  if (!isAllowed(endpoint.host, rules.allowed)) {
    throw new EndpointError(
      `${endpoint.host} is not an allowed endpoint. Allowed: ${rules.allowed.join(', ') || 'none'}.`,
    );
  }
  return endpoint;
}

/**
 * Parses an endpoint of any host, for a caller who trusts the text.
 *
 * @param text `https://host[:port]`; `http://host[:port]` for loopback, or with `allowPlaintext`.
 * Without a port https means 443 (as Zilliz Cloud's serverless endpoints do) and http means
 * Milvus's 19530.
 * @throws EndpointError naming the rule. Only the host is quoted, because the text may hold a
 * token.
 */
export function parseAnyEndpoint(text: string, { allowPlaintext }: Pick<EndpointRules, 'allowPlaintext'>): Endpoint {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new EndpointError(
      'The endpoint is not an address. Expected https://host[:port], as the Zilliz Cloud console shows it under "Public Endpoint".',
    );
  }
  // In https://PASS/WORD@host, a part of a password stands where the host should be.
  if (url.username !== '' || url.password !== '') {
    throw new EndpointError(
      'The endpoint holds a user name or a password. Write https://host[:port], and the credential in its own keys.',
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new EndpointError('The endpoint has a path. Expected https://host[:port].');
  }
  const host = url.hostname.replace(/[[\]]/g, '');
  const tls = url.protocol === 'https:';
  if (!tls && !isLoopback(host) && !allowPlaintext) {
    throw new EndpointError(
      `http://${host} would carry passwords in plain text. Use https://. If the whole network is yours, allow plain text (allowPlaintext).`,
    );
  }
  const port = url.port === '' ? (tls ? 443 : MILVUS_PORT) : Number(url.port);
  return { url: `${url.protocol}//${url.hostname}:${port}`, host, port, tls };
}

/**
 * The URL of an endpoint, to compare it: a dot at the end of the host names the same host.
 * `undefined`: the text is not an endpoint.
 */
export function endpointUrl(text: string): string | undefined {
  try {
    return parseAnyEndpoint(text, { allowPlaintext: true }).url.replace(/\.(?=:\d+$)/, '');
  } catch (error) {
    if (error instanceof EndpointError) {
      return undefined;
    }
    throw error;
  }
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
