import { beforeEach, describe, expect, it } from 'vitest';
import { callClusterOverRest } from '../../adapters/milvus-rest-call.ts';
import { createMilvusRestCluster } from '../../adapters/milvus-rest-cluster.ts';
import type { Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import { expectUndecided } from './support/expect-undecided.ts';
import { type RestAnswer, type RestServer, restServer, UNAUTHENTICATED } from './support/rest-server.ts';

const OLD = 'Old+password-1';
const NEW = 'New?password-2';

let cluster: Cluster;

beforeEach(() => {
  cluster = createMilvusRestCluster({ timeoutMs: 10_000 });
});

function someoneAt({ endpoint }: Pick<RestServer, 'endpoint'>): Credentials {
  return { endpoint, username: 'someone', password: OLD };
}

/** A user of a cluster that always answers this. */
async function answering(answer: RestAnswer | undefined): Promise<Credentials> {
  return someoneAt(await restServer(() => answer));
}

const ok = (body: string | object): RestAnswer => ({ status: 200, body });
const CHANGED = ok({ code: 0, data: {} });
const PERMISSION_DENIED: RestAnswer = {
  status: 403,
  body: {
    code: 65535,
    message: 'rpc error: code = PermissionDenied desc = PrivilegeUpdateUser: permission deny to someone',
  },
};

describe('a login over REST', () => {
  it('describes the user itself in one request, and the answer names its roles', async () => {
    const server = await restServer(() => ok({ code: 0, data: ['reader', '', 'writer'] }));
    expect(await cluster.authenticates(someoneAt(server))).toEqual({ kind: 'accepted', roles: ['reader', 'writer'] });
    expect(server.calls).toMatchObject([
      {
        method: 'POST',
        path: '/v2/vectordb/users/describe',
        headers: { authorization: `Bearer someone:${OLD}`, 'content-type': 'application/json' },
      },
    ]);
    expect(JSON.parse(server.calls[0]?.body ?? '')).toMatchObject({ userName: 'someone' });
  });

  it.each([
    ['Milvus 2.4.2 or older', ok({ code: 200, data: [] }), { kind: 'accepted', roles: [] }],
    ['Milvus 2.6.19 or later', ok({ code: 0, data: ['a'], description: '' }), { kind: 'accepted', roles: ['a'] }],
    ['HTTP 401 and code 1800', UNAUTHENTICATED, { kind: 'rejected' }],
    ['HTTP 403 and PermissionDenied', PERMISSION_DENIED, { kind: 'forbidden' }],
  ])('is answered by %s', async (_, answer, login) => {
    expect(await cluster.authenticates(await answering(answer))).toEqual(login);
  });

  it.each<[string, RestAnswer, string]>([
    ['a proxy that is not healthy', code(1, 'service not ready'), 'REST 1: service not'],
    ['a success without roles', ok({ code: 0, data: {} }), 'the answer holds no data of Milvus'],
    ['code 1800 with HTTP 200', code(1800, 'no'), 'is not-ready: REST 1800: no'],
    ['a code between 200 and 300', code(201, 'no'), 'is not-ready: REST 201: no'],
  ])('is not decided by %s', async (_, answer, text) => {
    await expect(cluster.authenticates(await answering(answer))).rejects.toMatchObject({
      kind: 'not-ready',
      message: expect.stringContaining(text),
    });
  });
});

describe('a login with an API key over REST', () => {
  const withKey = (user: Credentials): Credentials => ({ ...user, username: 'key-1', form: 'api-key' });

  it('lists the collections in one request, with the key as token', async () => {
    const server = await restServer(() => ok({ code: 0, data: [] }));
    expect(await cluster.authenticates(withKey(someoneAt(server)))).toEqual({ kind: 'accepted', roles: [] });
    expect(server.calls).toMatchObject([
      { path: '/v2/vectordb/collections/list', headers: { authorization: `Bearer ${OLD}` } },
    ]);
  });

  it.each([
    ['accepted', 'PermissionDenied, which the cluster says after the login', PERMISSION_DENIED],
    ['rejected', 'code 1800', UNAUTHENTICATED],
  ])('is %s by %s', async (kind, _, answer) => {
    expect(await cluster.authenticates(withKey(await answering(answer)))).toMatchObject({ kind });
  });

  it('is not decided by a success without a list', async () => {
    const user = withKey(await answering(ok({ code: 0, data: {} })));
    await expect(cluster.authenticates(user)).rejects.toMatchObject({ kind: 'not-ready' });
  });
});

describe('an answer that says nothing about the password', () => {
  it.each<[string, string, RestAnswer, string]>([
    ['code 10001', 'no-answer', code(10_001, 'deadline'), 'is silent: REST 10001: deadline'],
    ['HTTP 408', 'no-answer', { status: 408, body: 'timeout' }, 'is silent: HTTP 408: timeout'],
    ['HTTP 404', 'not-ready', { status: 404, body: 'no page' }, '2.3.13'],
    ['HTTP 500 of a panic', 'not-ready', { status: 500, body: { code: 500 } }, 'is not-ready: HTTP 500: '],
    ['a redirect', 'not-ready', { status: 307, body: '', headers: { location: '/' } }, 'is not-ready: HTTP 307'],
    ['HTTP 200 without JSON', 'not-ready', ok('<html>'), 'is not-ready: HTTP 200: <html>'],
    ['HTTP 200 without a code', 'not-ready', ok({ data: [] }), 'is not-ready: HTTP 200: {"data":[]}'],
    ['a message that is no text', 'not-ready', ok({ code: 1, message: 5 }), 'is not-ready: HTTP 200: {"code"'],
    ['HTTP 200 and null', 'not-ready', ok('null'), 'is not-ready: HTTP 200: null'],
    ['HTTP 401 of a gateway', 'not-ready', { status: 401, body: 'no' }, 'is not-ready: HTTP 401'],
    ['HTTP 401 and another code', 'not-ready', { status: 401, body: { code: 21_119 } }, 'is not-ready: HTTP 401'],
    ['HTTP 403 of a gateway', 'not-ready', { status: 403, body: 'code = PermissionDenied' }, 'is not-ready: HTTP 403'],
    ['HTTP 403 and another code', 'not-ready', { status: 403, body: { code: 7 } }, 'is not-ready: HTTP 403'],
    ['HTTP 503 of a gateway', 'not-ready', { status: 503, body: '<html>' }, 'is not-ready: HTTP 503'],
    ['HTTP 503 and code 1800', 'not-ready', { status: 503, body: { code: 1800 } }, 'is not-ready: HTTP 503'],
    ['HTTP 503 and PermissionDenied', 'not-ready', { ...PERMISSION_DENIED, status: 503 }, 'is not-ready: HTTP 503'],
  ])('decides no login, loses a change and is not asked for again: %s', async (_, kind, answer, text) => {
    const server = await restServer(() => answer);
    await expectUndecided(cluster, someoneAt(server), kind, text);
    expect(server.calls).toHaveLength(2);
  });
});

describe('a change of a password over REST', () => {
  it('sends the old and the new password of the user, logged in with the old one', async () => {
    const server = await restServer(() => CHANGED);
    expect(await cluster.changePassword(someoneAt(server), NEW)).toEqual({ kind: 'changed' });
    expect(server.calls).toMatchObject([
      {
        method: 'POST',
        path: '/v2/vectordb/users/update_password',
        headers: { authorization: `Bearer someone:${OLD}` },
      },
    ]);
    expect(JSON.parse(server.calls[0]?.body ?? '')).toMatchObject({
      userName: 'someone',
      password: OLD,
      newPassword: NEW,
    });
  });

  it('by an admin sends the admin’s token, and no empty old password, which REST refuses', async () => {
    const server = await restServer(() => CHANGED);
    const admin = { endpoint: server.endpoint, token: 'api-key' };
    expect(await cluster.resetPassword(admin, 'someone', NEW)).toEqual({ kind: 'changed' });
    expect(server.calls).toMatchObject([{ headers: { authorization: 'Bearer api-key' } }]);
    expect(JSON.parse(server.calls[0]?.body ?? '')).toMatchObject({
      userName: 'someone',
      password: NEW,
      newPassword: NEW,
    });
  });

  it.each<[string, RestAnswer, string, string]>([
    ['HTTP 401 and code 1800', UNAUTHENTICATED, 'unauthenticated', "HTTP 401: user hasn't authenticated"],
    ['HTTP 403 and PermissionDenied', PERMISSION_DENIED, 'forbidden', 'HTTP 403: rpc error: code = Permission'],
    ['code 1400', code(1400, 'old password not correct for a'), 'old-password', 'REST 1400: old password not'],
    ['code 1100', code(1100, 'invalid password length: x'), 'new-password', 'REST 1100: invalid password'],
    ['any other error', code(65_535, 'a push failed'), 'unclear', 'REST 65535: a push failed'],
  ])('is refused by %s', async (_, answer, reason, text) => {
    const refused = { kind: 'refused', reason, answer: expect.stringContaining(text) };
    expect(await cluster.changePassword(await answering(answer), NEW)).toEqual(refused);
  });
});

describe('callClusterOverRest', () => {
  it('throws an error of the program', async () => {
    const { endpoint } = await answering(undefined);
    const defects = [new Error('a defect'), Object.assign(new TypeError('a defect'), { code: 'ERR_INVALID_CHAR' })];
    for (const defect of defects) {
      const request = { passwords: [], send: () => Promise.reject(defect), read: () => true };
      await expect(callClusterOverRest({ endpoint, token: 'key' }, {}, request)).rejects.toBe(defect);
    }
  });
});

function code(number: number, message: string): RestAnswer {
  return ok({ code: number, message });
}
