import { afterEach, describe, expect, test } from 'vitest';
import { type ControlPlaneServer, startControlPlane } from '../../local/api-keys/control-plane.ts';

// docs/api-keys-simulator.md names the source of each behaviour. The contract of the control plane
// proves more of them, and the tests of rotations in test/e2e the faults.

let controlPlane: ControlPlaneServer;

afterEach(() => controlPlane.stop());

async function start(): Promise<ControlPlaneServer> {
  controlPlane = await startControlPlane();
  return controlPlane;
}

interface Answer {
  readonly status: number;
  /** Empty if the answer has no body. */
  readonly json: {
    readonly code?: number;
    readonly message?: string;
    readonly data?: Readonly<Record<string, unknown>>;
  };
}

async function call(method: string, path = '', body?: object, key = controlPlane.managerKey): Promise<Answer> {
  const answer = await fetch(`${controlPlane.url}/v2/api-keys${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}` },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? {} : (JSON.parse(text) as Answer['json']) };
}

const PROJECT = { projectId: 'proj-1', role: 'Data Reader', clusterIds: ['in01-1'], allVolume: true };
const MEMBER = { name: 'orders', description: 'of the pipeline', orgRole: 'Member', projects: [PROJECT] };

async function create(body: object = MEMBER, key?: string): Promise<{ apiKeyId: string; apiKey: string }> {
  return (await call('POST', '', body, key)).json.data as { apiKeyId: string; apiKey: string };
}

const names = async (query = '', key?: string): Promise<string[]> => {
  const { json } = await call('GET', query, undefined, key);
  const { apiKeys } = json.data as { apiKeys: { name: string }[] };
  return apiKeys.map(({ name }) => name);
};

test('a list has pages', async () => {
  const { createKey } = await start();
  for (let number = 1; number < 12; number++) {
    createKey({ name: `key ${number}` });
  }
  expect((await call('GET')).json.data).toMatchObject({ count: 12, currentPage: 1, pageSize: 10 });
  expect(await names('?pageSize=5&currentPage=3')).toEqual(['key 10', 'key 11']);
});

test.each([
  ['a name of 65 characters', { name: 'x'.repeat(65) }, 'name'],
  ['a description of 256 characters', { description: 'x'.repeat(256) }, 'description'],
  ['a project without a role', { projects: [{ projectId: 'proj-1' }] }, 'projects.0.role'],
])('a creation with %s is refused by HTTP 200 with a code', async (_, change, path) => {
  await start();
  const { status, json } = await call('POST', '', { ...MEMBER, ...change });
  expect({ status, ...json }).toEqual({ status: 200, code: 400, message: expect.stringContaining(`Invalid ${path}:`) });
  expect(await names()).toEqual(['manager']);
});

describe('a caller', () => {
  test('needs orgRole Owner or the project role Admin, and an Admin reaches only keys within its projects', async () => {
    const { createKey } = await start();
    const reader = createKey();
    expect((await call('GET', '', undefined, reader.key)).json.code).toBe(96_013);
    const admin = createKey({
      name: 'admin',
      projects: [{ ...PROJECT, role: 'Admin', allCluster: true, volumeIds: [] }],
    });
    await create(MEMBER, admin.key);
    expect(await names('', admin.key)).toEqual(['admin', 'orders']);
    const elsewhere = { ...MEMBER, projects: [{ ...PROJECT, projectId: 'proj-2' }] };
    expect((await call('POST', '', elsewhere, admin.key)).json.code).toBe(96_013);
    expect((await call('DELETE', `/${reader.id}`, undefined, admin.key)).json.code).toBe(404);
  });
});

test('a fault refuses a request of its method, or loses the answer of one that happens', async () => {
  const { faults } = await start();
  faults.arm({ kind: 'throttle', method: 'POST', after: 1 });
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    statuses.push((await call('POST', '', MEMBER)).status);
  }
  expect(statuses).toEqual([200, 429, 200]);
  faults.arm({ kind: 'lose-answer', method: 'POST' });
  await expect(call('POST', '', MEMBER)).rejects.toThrow('fetch failed');
  expect(await names()).toEqual(['manager', 'orders', 'orders', 'orders']);
});

describe('a cluster', () => {
  const cluster = { projectId: 'proj-1', clusterId: 'in01-1' };

  test.each([
    ['that names it', PROJECT, true],
    ['of all clusters of its project', { ...PROJECT, allCluster: true, clusterIds: [] }, true],
    ['that names another cluster', { ...PROJECT, clusterIds: ['in01-2'] }, false],
    ['of another project', { ...PROJECT, projectId: 'proj-2', allCluster: true }, false],
  ])('is opened by a key %s: %o, %s', async (_, project, isOpen) => {
    const { directory } = await start();
    const { apiKey } = await create({ ...MEMBER, projects: [project] });
    expect(directory.opens(apiKey, cluster)).toBe(isOpen);
  });

  test('notices a new and a deleted key late if a lag is set', async () => {
    const { directory } = await start();
    Object.assign(directory.lag, { created: 1, deleted: 2 });
    const { apiKeyId, apiKey } = await create();
    const opens = (): boolean => directory.opens(apiKey, cluster);
    expect([opens(), opens()]).toEqual([false, true]);
    await call('DELETE', `/${apiKeyId}`);
    expect([opens(), opens(), opens()]).toEqual([true, true, false]);
  });
});
