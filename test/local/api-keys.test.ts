import { afterEach, describe, expect, test } from 'vitest';
import {
  type ControlPlaneOptions,
  type ControlPlaneServer,
  startControlPlane,
} from '../../local/api-keys/control-plane.ts';

// docs/api-keys-simulator.md names the source of each behaviour. The contract of the control plane
// proves more of them: test/contract/control-plane-contract.ts.

let controlPlane: ControlPlaneServer;

afterEach(() => controlPlane.stop());

async function start(options?: ControlPlaneOptions): Promise<ControlPlaneServer> {
  controlPlane = await startControlPlane(options);
  return controlPlane;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Empty if the answer is no JSON. */
  readonly json: {
    readonly code?: number;
    readonly message?: string;
    readonly data?: Readonly<Record<string, unknown>>;
  };
}

async function call(method: string, path = '', body?: object | string, key = controlPlane.managerKey): Promise<Answer> {
  const answer = await fetch(`${controlPlane.url}/v2/${path.startsWith('apiKeys') ? path : `api-keys${path}`}`, {
    method,
    headers: { Authorization: `Bearer ${key}` },
    body: typeof body === 'object' ? JSON.stringify(body) : (body ?? null),
  });
  const text = await answer.text();
  return { status: answer.status, text, json: text.startsWith('{') ? (JSON.parse(text) as Answer['json']) : {} };
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

test('a created key is described as documented, without its text, which only the creation tells', async () => {
  await start();
  const { apiKeyId, apiKey } = await create();
  expect(apiKeyId).toMatch(/^key-[a-z\d]{14}$/);
  expect(apiKey).toMatch(/^[A-Za-z\d]{48}$/);
  const { text, json } = await call('GET');
  expect(text).not.toContain(apiKey);
  const described = {
    apiKeyId,
    name: 'orders',
    description: 'of the pipeline',
    creatorName: expect.any(String),
    createdBy: expect.any(String),
    orgRole: 'Member',
    projects: [
      {
        projectId: 'proj-1',
        projectName: expect.any(String),
        role: 'Data Reader',
        allCluster: false,
        clusters: [{ clusterId: 'in01-1', clusterName: expect.any(String) }],
        allVolume: true,
        volumes: [],
      },
    ],
    createTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  };
  expect((json.data as { apiKeys: object[] }).apiKeys.at(-1)).toEqual(described);
  expect((await call('DELETE', `/${apiKeyId}`)).json).toEqual({ code: 0, data: described });
  expect(await call('DELETE', `/${apiKeyId}`)).toMatchObject({ status: 200, json: { code: 404 } });
});

test('a list has pages of 10 keys, or of 1 to 100', async () => {
  const { createKey } = await start();
  for (let number = 1; number < 12; number++) {
    createKey({ name: `key ${number}` });
  }
  expect((await call('GET')).json.data).toMatchObject({ count: 12, currentPage: 1, pageSize: 10 });
  expect(await names('?currentPage=2')).toEqual(['key 10', 'key 11']);
  expect(await names('?pageSize=5&currentPage=3')).toEqual(['key 10', 'key 11']);
  expect(await names('?pageSize=5&currentPage=4')).toEqual([]);
  expect((await call('GET', '?pageSize=101')).json.code).toBe(96_008);
  expect((await call('GET', '?currentPage=0')).json.code).toBe(96_009);
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

test('a body that is not JSON is refused', async () => {
  await start();
  expect((await call('POST', '', '{')).json.code).toBe(400);
});

describe('a caller', () => {
  test.each([
    ['http-401', 401, { code: 21_119, message: 'The apikey is illegal' }],
    ['code-1800', 200, { code: 1800, message: "User hasn't authenticated" }],
  ] as const)('with an unknown key is refused: %s', async (unknownKey, status, json) => {
    await start({ unknownKey });
    expect(await call('GET', '', undefined, 'unknown')).toMatchObject({ status, json });
  });

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

test('the path of the Terraform provider exists only if it is set, and then it is the only path', async () => {
  await start();
  expect(await call('GET', 'apiKeys')).toMatchObject({ status: 404, json: {} });
  await controlPlane.stop();
  await start({ path: 'apiKeys' });
  expect((await call('GET', 'apiKeys')).json.code).toBe(0);
  expect((await call('GET')).status).toBe(404);
});

describe('a fault', () => {
  test('fails requests of its method before they happen, after others have passed', async () => {
    const { faults, requests } = await start();
    faults.arm({ kind: 'throttle', method: 'POST', after: 1, times: 2 });
    const statuses = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      statuses.push((await call('POST', '', MEMBER)).status);
    }
    expect(statuses).toEqual([200, 429, 429, 200]);
    faults.arm({ kind: 'fail-before' });
    expect((await call('GET')).status).toBe(500);
    expect(await names()).toEqual(['manager', 'orders', 'orders']);
    expect(requests).toEqual({ POST: 4, GET: 2, DELETE: 0 });
  });

  test('loses the answer of a creation that happens', async () => {
    const { faults } = await start();
    faults.arm({ kind: 'lose-answer', method: 'POST' });
    await expect(call('POST', '', MEMBER)).rejects.toThrow('fetch failed');
    expect(await names()).toEqual(['manager', 'orders']);
  });

  test('lets the caller wait for the answer of a creation that happens', async () => {
    const { faults } = await start();
    faults.arm({ kind: 'hang', method: 'POST' });
    const answer = call('POST', '', MEMBER);
    answer.catch(() => undefined);
    await expect.poll(() => names()).toEqual(['manager', 'orders']);
    await controlPlane.stop();
    await expect(answer).rejects.toThrow('fetch failed');
  });

  test('can be disarmed', async () => {
    const { faults } = await start();
    faults.arm({ kind: 'fail-before', times: 9 });
    faults.disarm();
    expect((await call('GET')).status).toBe(200);
  });
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

  test('notices a new and a deleted key after some lookups', async () => {
    const { directory } = await start();
    Object.assign(directory.lag, { created: 2, deleted: 1 });
    const { apiKey, apiKeyId } = await create();
    const lookups = (): boolean[] => [1, 2, 3].map(() => directory.opens(apiKey, cluster));
    expect(lookups()).toEqual([false, false, true]);
    await call('DELETE', `/${apiKeyId}`);
    expect(lookups()).toEqual([true, false, false]);
  });
});
