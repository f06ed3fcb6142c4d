import { describe, expect, it, onTestFinished } from 'vitest';
import { createControlPlane } from '../../adapters/http-control-plane.ts';
import { PROJECT_ID, startControlPlane } from '../../local/api-keys/control-plane.ts';
import {
  type ControlPlane,
  DEFAULT_CONTROL_PLANE,
  type DescribedKey,
  MAX_KEYS,
  type NewKey,
  type ProjectScope,
} from '../../protocol/keys/control-plane.ts';
import { controlPlaneContract } from '../contract/control-plane-contract.ts';
import { unusedEndpoint } from '../support/loopback.ts';
import { rawServer } from './support/raw-server.ts';
import { type RestAnswer, type RestCall, type RestServer, restServer } from './support/rest-server.ts';

const MANAGER_KEY = '0123456789abcdef0123456789abcdef01234567manager+';

function controlPlaneAt(url: string, managerKey = MANAGER_KEY, timeoutMs = 10_000): ControlPlane {
  return createControlPlane(managerKey, { ...DEFAULT_CONTROL_PLANE, url }, { timeoutMs });
}

for (const simulator of [
  { path: 'api-keys', unknownKey: 'http-401' },
  { path: 'apiKeys', unknownKey: 'code-1800' },
] as const) {
  controlPlaneContract(`HttpControlPlane at /v2/${simulator.path}`, async () => {
    const { url, managerKey, createKey, directory, stop } = await startControlPlane(simulator);
    onTestFinished(stop);
    const seenWith = (key: string): ControlPlane =>
      createControlPlane(key, { ...DEFAULT_CONTROL_PLANE, url, path: simulator.path }, { timeoutMs: 10_000 });
    return {
      controlPlane: seenWith(managerKey),
      unknownCaller: seenWith('unknown'),
      forbiddenCaller: seenWith(createKey().key),
      project: { id: PROJECT_ID, clusterIds: ['in01-a', 'in01-b'] },
      quota: MAX_KEYS,
      accepts: (key) => directory.opens(key, { projectId: PROJECT_ID, clusterId: 'in01-a' }),
    };
  });
}

type Answers = RestAnswer | ((call: RestCall) => RestAnswer | undefined);

/** A control plane that gives these answers, and the requests that it got. */
async function answering(answers: Answers): Promise<Pick<RestServer, 'calls'> & { controlPlane: ControlPlane }> {
  const { endpoint, calls } = await restServer(typeof answers === 'function' ? answers : () => answers);
  return { controlPlane: controlPlaneAt(endpoint.url), calls };
}

const PROJECT: ProjectScope = {
  projectId: 'proj-1',
  role: 'Read-Write',
  allCluster: false,
  clusterIds: ['in01-a', 'in01-b'],
  allVolume: false,
  volumeIds: ['vol-1'],
};
const KEY: NewKey = {
  name: 'orders',
  description: 'of the shop',
  scope: { orgRole: 'Member', projects: [PROJECT] },
};
const success = (data: unknown): RestAnswer => ({ status: 200, body: { code: 0, data } });
const CREATED = success({ apiKeyId: 'key-1', apiKey: 'the-text' });

const CREATED_AT = Date.UTC(2026, 6, 22, 2, 30);

/** `number` keys with the ids `key-1`, `key-2`… */
function keys(number: number, first = 1): DescribedKey[] {
  return Array.from({ length: number }, (_, index) => ({
    id: `key-${first + index}`,
    createdAt: CREATED_AT,
    ...KEY,
  }));
}

/** A key as the documentation of the control plane describes it. */
function listedKey({ id, name, description, scope: { orgRole, projects } }: DescribedKey): object {
  const documented = projects.map(({ clusterIds, volumeIds, ...project }) => ({
    ...project,
    projectName: 'Default Project',
    clusters: clusterIds.map((clusterId) => ({ clusterId, clusterName: 'orders' })),
    volumes: volumeIds.map((volumeId) => ({ volumeId, volumeName: 'files' })),
  }));
  const creation = { creatorName: 'Alice', createdBy: 'alice@example.com', createTime: '2026-07-22T02:30:00Z' };
  return { apiKeyId: id, name, description, orgRole, projects: documented, ...creation };
}

const page = (described: readonly DescribedKey[], count: unknown): RestAnswer =>
  success({ count, apiKeys: described.map(listedKey) });
const pageNumber = ({ path = '' }: RestCall): number => Number(/currentPage=(\d+)/.exec(path)?.[1]);

describe('list', () => {
  it('asks for 100 keys with the manager key, in one request on a connection of its own', async () => {
    const { controlPlane, calls } = await answering(page(keys(2), 2));

    expect(await controlPlane.list()).toEqual(keys(2));
    expect(calls).toMatchObject([
      {
        method: 'GET',
        path: '/v2/api-keys?currentPage=1&pageSize=100',
        headers: { authorization: `Bearer ${MANAGER_KEY}`, accept: 'application/json', connection: 'close' },
        body: '',
      },
    ]);
    expect(calls[0]?.headers['content-type']).toBeUndefined();
  });

  it.each([
    ['until it has as many keys as the control plane counts', 150, 2],
    ['until a page is empty, if the control plane counts more', 151, 3],
    ['until a page is empty, if the control plane counts nothing', undefined, 3],
  ])('reads pages %s', async (_, count, requests) => {
    const all = keys(150);
    const { controlPlane, calls } = await answering((call) => {
      const start = (pageNumber(call) - 1) * 100;
      return page(all.slice(start, start + 100), count);
    });

    expect(await controlPlane.list()).toEqual(all);
    expect(calls.map(pageNumber)).toEqual([1, 2, 3].slice(0, requests));
  });

  it('counts a key once that moves to the next page while another key is created', async () => {
    const pages = [keys(100), keys(3, 100)];
    const { controlPlane, calls } = await answering((call) => page(pages[pageNumber(call) - 1] ?? [], 102));

    expect(await controlPlane.list()).toEqual(keys(102));
    expect(calls).toHaveLength(2);
  });

  it.each([
    ['is the same', () => 1],
    ['has another key', pageNumber],
  ])('is unavailable after 10 pages if each page %s', async (_, first) => {
    const { controlPlane, calls } = await answering((call) => page(keys(1, first(call)), 1000));

    await expect(controlPlane.list()).rejects.toMatchObject({ name: 'ControlPlaneError', kind: 'unavailable' });
    expect(calls).toHaveLength(10);
  });

  it.each<[string, object, Partial<ProjectScope>]>([
    [
      'ids in any order and in both formats',
      { clusters: [{ clusterId: 'c' }, 'a'], clusterIds: ['b', 'a'] },
      { clusterIds: ['a', 'b', 'c'] },
    ],
    [
      'volumes in any order and in both formats',
      { volumes: [{ volumeId: 'z' }], volumeIds: ['y', 'z'] },
      { volumeIds: ['y', 'z'] },
    ],
    ['roles that are not documented', { role: 'Data Reader', roleId: 'r-1' }, { role: 'Data Reader' }],
    ['no ids of a scope of all clusters', { allCluster: true, clusters: [{ clusterId: 'c' }] }, { allCluster: true }],
    ['no ids of a scope of all volumes', { allVolume: true, volumeIds: ['y'] }, { allVolume: true }],
    ['null instead of lists', { clusters: null, volumes: null }, {}],
    ['ids that are no texts', { clusters: [{ clusterId: 5 }, null, 7, { id: 'c' }] }, {}],
    ['a flag that is no boolean', { allCluster: 'true', allVolume: 1 }, {}],
  ])('reads %s', async (_, project, expected) => {
    const apiKeys = [{ apiKeyId: 'key-1', orgRole: 'Org Viewer', projects: [{ projectId: 'p', ...project }] }];
    const { controlPlane } = await answering(success({ count: 1, apiKeys }));

    const empty = { role: '', allCluster: false, clusterIds: [], allVolume: false, volumeIds: [] };
    const scope = { orgRole: 'Org Viewer', projects: [{ projectId: 'p', ...empty, ...expected }] };
    expect(await controlPlane.list()).toEqual([{ id: 'key-1', name: '', description: '', scope }]);
  });

  it.each([undefined, null, {}])(
    'reads a key without a role and with the projects %j as a key without access',
    async (projects) => {
      const { controlPlane } = await answering(success({ count: 1, apiKeys: [{ apiKeyId: 'key-1', projects }] }));

      const scope = { orgRole: '', projects: [] };
      expect(await controlPlane.list()).toEqual([{ id: 'key-1', name: '', description: '', scope }]);
    },
  );
});

describe('create', () => {
  it('sends one request with the name, the description and the scope, and returns the text of the key', async () => {
    const { controlPlane, calls } = await answering(CREATED);

    expect(await controlPlane.create(KEY)).toEqual({ id: 'key-1', key: 'the-text' });
    expect(calls).toMatchObject([
      { method: 'POST', path: '/v2/api-keys', headers: { 'content-type': 'application/json' } },
    ]);
    const { name, description, scope } = KEY;
    expect(JSON.parse(calls[0]?.body ?? '')).toEqual({ name, description, ...scope });
  });

  it.each<[string, Partial<ProjectScope>, object]>([
    [
      'cluster ids for all clusters',
      { allCluster: true },
      { allCluster: true, allVolume: false, volumeIds: ['vol-1'] },
    ],
    [
      'volume ids for all volumes',
      { allVolume: true },
      { allCluster: false, clusterIds: PROJECT.clusterIds, allVolume: true },
    ],
  ])('sends no %s', async (_, change, access) => {
    const { controlPlane, calls } = await answering(CREATED);
    await controlPlane.create({ ...KEY, scope: { orgRole: 'Member', projects: [{ ...PROJECT, ...change }] } });

    const { projects } = JSON.parse(calls[0]?.body ?? '') as { projects: unknown };
    expect(projects).toEqual([{ projectId: 'proj-1', role: 'Read-Write', ...access }]);
  });

  it('sends no projects for a role of the organization', async () => {
    const { controlPlane, calls } = await answering(CREATED);
    await controlPlane.create({ ...KEY, scope: { orgRole: 'Billing-Admin', projects: [] } });

    expect(JSON.parse(calls[0]?.body ?? '')).toEqual({
      name: 'orders',
      description: 'of the shop',
      orgRole: 'Billing-Admin',
    });
  });
});

describe('delete', () => {
  it('sends one request, with the id escaped', async () => {
    const { controlPlane, calls } = await answering(success({}));

    expect(await controlPlane.delete('key/1?')).toBe('deleted');
    expect(calls).toMatchObject([{ method: 'DELETE', path: '/v2/api-keys/key%2F1%3F', body: '' }]);
  });

  it.each<[string, RestAnswer]>([
    ['HTTP 404', { status: 404, body: '404 page not found' }],
    ['code 404', { status: 200, body: { code: 404, message: 'no such key' } }],
    ['an unknown code', { status: 200, body: { code: 12_345, message: 'no such key' } }],
  ])('says after %s that the key is gone only if the list does not hold the key', async (_, refusal) => {
    const { controlPlane, calls } = await answering(({ method }) => (method === 'GET' ? page(keys(2), 2) : refusal));

    expect(await controlPlane.delete('key-3')).toBe('gone');
    await expect(controlPlane.delete('key-2')).rejects.toMatchObject({ kind: 'refused' });
    expect(calls.map(({ method }) => method)).toEqual(['DELETE', 'GET', 'DELETE', 'GET']);
  });

  it('does not take a wrong path for a missing key', async () => {
    const { controlPlane } = await answering({ status: 404, body: '404 page not found' });
    await expect(controlPlane.delete('key-3')).rejects.toMatchObject({ kind: 'refused' });
  });

  it.each([
    [401, 'rejected'],
    [403, 'forbidden'],
    [503, 'unavailable'],
  ])('does not list after HTTP %d', async (status, kind) => {
    const { controlPlane, calls } = await answering({ status, body: '' });
    await expect(controlPlane.delete('key-3')).rejects.toMatchObject({ kind });
    expect(calls).toHaveLength(1);
  });
});

const json = (status: number, code: unknown, message = 'why'): RestAnswer => ({ status, body: { code, message } });

describe('every call', () => {
  it.each<[string, string, RestAnswer, string]>([
    ['rejected', 'HTTP 401', { status: 401, body: 'no' }, 'HTTP 401'],
    ['rejected', 'HTTP 401 and code 21119', json(401, 21_119), 'HTTP 401, code 21119: why'],
    ...[401, 1800, 21_119, 80_001].map((code): [string, string, RestAnswer, string] => [
      'rejected',
      `code ${code}`,
      json(200, code),
      `HTTP 200, code ${code}: why`,
    ]),
    ['rejected', 'HTTP 400 and code 1800', json(400, 1800), 'HTTP 400, code 1800: why'],
    ['forbidden', 'HTTP 403', { status: 403, body: 'no' }, 'HTTP 403'],
    ['forbidden', 'HTTP 403 and code 1', json(403, 1), 'HTTP 403, code 1: why'],
    ...[403, 96_012, 96_013, 96_014, 96_015, 96_016, 96_027].map((code): [string, string, RestAnswer, string] => [
      'forbidden',
      `code ${code}`,
      json(200, code),
      `HTTP 200, code ${code}: why`,
    ]),
    ['refused', 'code 96005', json(200, 96_005), 'HTTP 200, code 96005: why'],
    ['refused', 'code -1', json(200, -1), 'HTTP 200, code -1: why'],
    ['refused', 'code 600', json(200, 600), 'HTTP 200, code 600: why'],
    ['refused', 'HTTP 400 and code 1', json(400, 1), 'HTTP 400, code 1: why'],
    ['refused', 'HTTP 400 and the code of a success', json(400, 0), 'HTTP 400, code 0: why'],
    ['refused', 'HTTP 404 of a gateway', { status: 404, body: 'no' }, 'HTTP 404'],
    ['refused', 'HTTP 300 and the code of a success', json(300, 0), 'HTTP 300, code 0: why'],
    ['refused', 'HTTP 304', { status: 304, body: '' }, 'HTTP 304'],
  ])('is %s by %s, and is sent once', async (kind, _, answer, text) => {
    const { controlPlane, calls } = await answering(answer);
    const message = expect.stringMatching(new RegExp(`^POST http://127\\.0\\.0\\.1:\\d+/v2/api-keys: ${text}$`));
    await expect(controlPlane.create(KEY)).rejects.toMatchObject({ name: 'ControlPlaneError', kind, message });
    await expect(controlPlane.list()).rejects.toMatchObject({ kind });
    expect(calls).toHaveLength(2);
  });

  it.each<[string, RestAnswer]>([
    ...[408, 429, 500, 502, 503, 599].map((status): [string, RestAnswer] => [`HTTP ${status}`, json(status, 0)]),
    ...[408, 429, 500, 599].map((code): [string, RestAnswer] => [`code ${code}`, json(200, code)]),
    ['HTTP 503 and code 1800', json(503, 1800)],
    ['a page', { status: 200, body: '<html>' }],
    ['no body', { status: 204, body: '' }],
    ['null', { status: 200, body: 'null' }],
    ['JSON without a code', { status: 200, body: { data: { apiKeys: [], apiKeyId: 'key-1', apiKey: 'k' } } }],
    ['a code that is no number', json(200, '0')],
    ['a success without data', { status: 200, body: { code: 0 } }],
    ['a success with other data', success({ apiKeyId: 'key-1', apiKeys: {} })],
    ['a success with another type of data', success({ apiKeyId: 1, apiKey: 'k', apiKeys: [{ apiKeyId: 1 }] })],
    ['a success with an empty key', success({ apiKeyId: 'key-1', apiKey: '', apiKeys: [{}] })],
    ['a success with an empty id', success({ apiKeyId: '', apiKey: 'k', apiKeys: [{ ...KEY, apiKeyId: '' }] })],
  ])('is unavailable after %s, which is not quoted, and is sent once', async (_, answer) => {
    const { controlPlane, calls } = await answering(answer);
    const message = expect.stringMatching(/: HTTP \d+(, code \d+)?, which is no answer to the request$/);
    const error = { name: 'ControlPlaneError', kind: 'unavailable', message };
    await expect(controlPlane.create(KEY)).rejects.toMatchObject(error);
    await expect(controlPlane.list()).rejects.toMatchObject(error);
    expect(calls).toHaveLength(2);
  });

  it.each([200, 201, 299])('succeeds with HTTP %d and the code 0 or 200', async (status) => {
    for (const code of [0, 200]) {
      const { controlPlane } = await answering({ status, body: { code, data: { apiKeyId: 'key-1', apiKey: 'k' } } });
      expect(await controlPlane.create(KEY)).toEqual({ id: 'key-1', key: 'k' });
    }
  });

  it('follows no redirect, so that no other host gets the key', async () => {
    const other = await restServer(() => CREATED);
    const headers = { location: `${other.endpoint.url}/v2/api-keys` };
    const { controlPlane } = await answering({ status: 307, body: '', headers });

    await expect(controlPlane.create(KEY)).rejects.toMatchObject({ kind: 'refused' });
    await expect(controlPlane.list()).rejects.toMatchObject({ kind: 'refused' });
    expect(other.calls).toEqual([]);
  });

  it('takes the codes of the settings for successes, and no other', async () => {
    const { endpoint } = await restServer(() => ({
      status: 200,
      body: { code: 201, data: { count: 0, apiKeys: [] } },
    }));
    const connect = (successCodes: readonly number[]): ControlPlane =>
      createControlPlane(
        MANAGER_KEY,
        { ...DEFAULT_CONTROL_PLANE, url: endpoint.url, successCodes },
        { timeoutMs: 10_000 },
      );
    expect(await connect([201]).list()).toEqual([]);
    await expect(connect([0]).list()).rejects.toMatchObject({ kind: 'refused' });
  });

  it.each(['http://api.cloud.zilliz.com', 'https://user:word@api.cloud.zilliz.com', 'ftp://127.0.0.1', 'no address'])(
    'is not possible at %s',
    (url) => {
      expect(() => controlPlaneAt(url)).toThrow(expect.objectContaining({ name: 'EndpointError' }));
    },
  );

  it('is unavailable if nothing listens', async () => {
    const { url } = await unusedEndpoint();
    const message = `POST ${url}/v2/api-keys: no complete answer (ECONNREFUSED)`;
    await expect(controlPlaneAt(url).create(KEY)).rejects.toMatchObject({ kind: 'unavailable', message });
  });

  it('is unavailable after the timeout', async () => {
    const { url } = await rawServer(() => undefined);
    const message = expect.stringContaining('no complete answer (none within 100 ms)');
    const create = controlPlaneAt(url, MANAGER_KEY, 100).create(KEY);
    await expect(create).rejects.toMatchObject({ kind: 'unavailable', message });
  });

  it.each(['', 'a key', 'key\n', 'key\r\nX: y', 'schlüssel'])(
    'rejects the manager key %j without a request',
    async (key) => {
      const { endpoint, calls } = await restServer(() => CREATED);
      const failure = await controlPlaneAt(endpoint.url, key)
        .list()
        .catch((error: Error) => error);

      expect(failure).toMatchObject({ name: 'ControlPlaneError', kind: 'rejected' });
      expect(calls).toEqual([]);
      if (key !== '') {
        expect(String(failure)).not.toContain(key);
      }
    },
  );
});

describe('a message of the control plane', () => {
  it('is quoted up to 500 characters', async () => {
    const messageOf = async (length: number): Promise<string> => {
      const { controlPlane } = await answering(json(200, 1, 'why '.repeat(length / 4)));
      return String(await controlPlane.list().catch((error: Error) => error));
    };
    expect(await messageOf(500)).toContain('code 1: why why');
    expect(await messageOf(504)).toMatch(/code 1$/);
  });

  it.each(['', ['x'], { why: 'x' }, 5])('is left out if it is %j', async (message) => {
    const { controlPlane } = await answering({ status: 200, body: { code: 1, message } });
    await expect(controlPlane.list()).rejects.toMatchObject({ message: expect.stringMatching(/code 1$/) });
  });
});
