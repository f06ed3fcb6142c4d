import { describe, expect, it } from 'vitest';
import {
  EndpointError,
  type EndpointRules,
  parseEndpoint,
  ZILLIZ_CLOUD_DOMAINS,
} from '../../protocol/cluster/endpoint.ts';

const ZILLIZ: EndpointRules = { allowed: ZILLIZ_CLOUD_DOMAINS, allowPlaintext: false };
const LOCAL: EndpointRules = { allowed: ['127.0.0.1', 'localhost', '::1'], allowPlaintext: false };

describe('parseEndpoint', () => {
  it.each([
    ['https://in01-abc.aws-us-west-2.vectordb.zillizcloud.com:19530', 19530],
    ['https://in03-abc.serverless.aws-eu-central-1.vectordb.zillizcloud.com', 443],
    ['https://in01-abc.api.gcp-us-west1.zillizcloud.com:19534', 19534],
    ['https://in01-abc.ali-cn-hangzhou.vectordb.zilliz.com.cn:19530', 19530],
  ])('takes %s of Zilliz Cloud, with its port', (text, port) => {
    const host = text.replace('https://', '').replace(`:${port}`, '');
    expect(parseEndpoint(text, ZILLIZ)).toEqual({ url: `https://${host}:${port}`, host, port, tls: true });
  });

  it('takes plain text on loopback, where Milvus’s port is the default', () => {
    expect(parseEndpoint('http://127.0.0.1', LOCAL)).toEqual({
      url: 'http://127.0.0.1:19530',
      host: '127.0.0.1',
      port: 19530,
      tls: false,
    });
    expect(parseEndpoint('http://[::1]:1234/', LOCAL)).toMatchObject({ host: '::1', port: 1234, tls: false });
  });

  it('refuses plain text elsewhere unless it is allowed explicitly', () => {
    const rules = { allowed: ['milvus.internal'], allowPlaintext: false };
    expect(() => parseEndpoint('http://milvus.internal:19530', rules)).toThrow(/plain text/);
    expect(parseEndpoint('http://milvus.internal:19530', { ...rules, allowPlaintext: true }).tls).toBe(false);
  });

  it.each([
    ['a host outside the allowed ones', 'https://evil.example.com', /evil\.example\.com is not an allowed endpoint/],
    ['a look-alike of an allowed domain', 'https://evilzillizcloud.com', /not an allowed endpoint/],
    ['an allowed domain as a prefix', 'https://x.zillizcloud.com.evil.com', /not an allowed endpoint/],
    ['the bare domain, which is no cluster', 'https://zillizcloud.com', /not an allowed endpoint/],
    ['loopback that is not listed', 'https://127.0.0.1:19530', /not an allowed endpoint/],
    ['no scheme', 'in01-abc.aws.vectordb.zillizcloud.com:19530', /Expected https/],
    ['another scheme', 'ftp://in01-abc.aws.vectordb.zillizcloud.com', /Expected https/],
    ['nothing', '', /Expected https/],
    ['a path', 'https://in01-abc.aws.vectordb.zillizcloud.com/v2', /has a path/],
    ['a domain with an empty label', 'https://.zillizcloud.com', /not an allowed endpoint/],
    ['no host', 'https://:19530', /Expected https/],
    [
      'a part of a password as its host',
      'https://s3cret/rest@in01-abc.aws.vectordb.zillizcloud.com',
      /^(?!.*s3cret).*has a path/,
    ],
    ['a fragment', 'https://in01-abc.aws.vectordb.zillizcloud.com#token', /has a path/],
    ['a query', 'https://in01-abc.aws.vectordb.zillizcloud.com?token=abc', /has a path/],
    ['a user alone', 'https://Pasted@in01.zillizcloud.com', /^(?!.*Pasted).*credential/],
    ['a password alone', 'https://:Pasted@in01.zillizcloud.com', /^(?!.*Pasted).*credential/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseEndpoint(text, ZILLIZ)).toThrow(message);
  });

  it('never quotes a credential that was pasted into the endpoint', () => {
    const pasted = () => parseEndpoint('https://user:Pasted-password-1@in01.vectordb.zillizcloud.com', ZILLIZ);
    expect(pasted).toThrow(EndpointError);
    expect(pasted).not.toThrow(/Pasted/);
    expect(() => parseEndpoint('user:Pasted-password-1', ZILLIZ)).not.toThrow(/Pasted/);
    expect(() => parseEndpoint('https://user:P@pasted-1/@in01.vectordb.zillizcloud.com', ZILLIZ)).not.toThrow(/pasted/);
  });

  it.each(['http://localhost:19530', 'http://127.0.0.2:19530', 'http://[::1]:19530'])(
    'takes plain text to %s',
    (url) => {
      expect(parseEndpoint(url, { ...LOCAL, allowed: ['localhost', '127.0.0.2', '::1'] })).toMatchObject({ url });
    },
  );

  it.each(['127.example.com', '10.0.0.1', '::2'])('refuses plain text to %s, which is not loopback', (host) => {
    const url = host.includes(':') ? `http://[${host}]` : `http://${host}`;
    expect(() => parseEndpoint(url, { ...LOCAL, allowed: [host] })).toThrow(`http://${host} would carry passwords`);
  });

  it('lists the allowed hosts when it refuses another', () => {
    const to = (allowed: string[]) => () => parseEndpoint('https://c', { allowed, allowPlaintext: false });
    expect(to(['a', '.b'])).toThrow(/^c .* a, \.b\./);
    expect(to([])).toThrow('Allowed: none.');
  });

  it('takes a host with the dot of the root', () => {
    const rules = { allowed: ['milvus.internal'], allowPlaintext: false };
    expect(parseEndpoint('https://milvus.internal.', rules).url).toBe('https://milvus.internal.:443');
  });

  it('names an exact host alone when the rule has no leading dot, whatever the case', () => {
    const rules = { allowed: ['Milvus.Internal'], allowPlaintext: false };
    expect(parseEndpoint('https://MILVUS.internal', rules).host).toBe('milvus.internal');
    expect(() => parseEndpoint('https://a.milvus.internal', rules)).toThrow(/not an allowed/);
  });
});
