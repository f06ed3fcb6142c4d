import type { ControlPlaneError, DescribedKey, KeyScope } from '../../../protocol/keys/control-plane.ts';
import type { InMemoryControlPlane } from '../../support/in-memory-control-plane.ts';
import { type RestAnswer, type RestCall, type RestServer, restServer } from '../support/rest-server.ts';

/** The keys of the callers of {@link controlPlaneServerOf}. */
export const MANAGER_KEY = '0123456789abcdef0123456789abcdef01234567manager+';
export const FORBIDDEN_KEY = 'a-key-that-may-not-manage-keys';

/** Starts the REST API of a control plane with the keys of a fake, in the documented format. */
export function controlPlaneServerOf(keys: InMemoryControlPlane): Promise<RestServer> {
  return restServer(async (call) => {
    const token = String(call.headers.authorization).replace(/^Bearer /, '');
    if (token === FORBIDDEN_KEY) {
      return { status: 403, body: { code: 403, message: 'no privilege' } };
    }
    if (token !== MANAGER_KEY) {
      return { status: 401, body: { code: 21_119, message: 'The apikey is illegal' } };
    }
    try {
      return await answerTo(keys, call);
    } catch (error) {
      return { status: 200, body: { code: 1100, message: (error as ControlPlaneError).message } };
    }
  });
}

async function answerTo(keys: InMemoryControlPlane, { method, path = '', body }: RestCall): Promise<RestAnswer> {
  const url = new URL(path, 'http://control.plane');
  const [, version, collection, id] = url.pathname.split('/');
  if (version !== 'v2' || collection !== 'api-keys') {
    return { status: 404, body: '404 page not found' };
  }
  if (method === 'POST') {
    const { id: apiKeyId, key: apiKey } = await keys.create(sentKey(JSON.parse(body) as SentKey));
    return success({ apiKeyId, apiKey });
  }
  if (method === 'DELETE') {
    return (await keys.delete(decodeURIComponent(id ?? ''))) === 'deleted'
      ? success({ apiKeyId: id })
      : { status: 200, body: { code: 404, message: `no such key: ${id}` } };
  }
  const [currentPage, pageSize] = ['currentPage', 'pageSize'].map((name) => Number(url.searchParams.get(name)));
  const all = (await keys.list()).map(listedKey);
  const start = ((currentPage ?? 1) - 1) * (pageSize ?? 10);
  return success({ count: all.length, currentPage, pageSize, apiKeys: all.slice(start, start + (pageSize ?? 10)) });
}

export function success(data: unknown): RestAnswer {
  return { status: 200, body: { code: 0, data } };
}

/** What the control plane gets. */
export interface SentKey extends Pick<DescribedKey, 'name' | 'description'> {
  readonly orgRole: string;
  readonly projects?: ReadonlyArray<Partial<KeyScope['projects'][number]>>;
}

function sentKey({ name, description, orgRole, projects = [] }: SentKey): Omit<DescribedKey, 'id'> {
  const noAccess = { projectId: '', role: '', allCluster: false, clusterIds: [], allVolume: false, volumeIds: [] };
  return {
    name,
    description,
    scope: { orgRole, projects: projects.map((project) => ({ ...noAccess, ...project })) },
  };
}

/** What the control plane answers, in the documented format. */
export function listedKey({ id, name, description, scope: { orgRole, projects } }: DescribedKey): object {
  return {
    apiKeyId: id,
    name,
    description,
    creatorName: 'Alice',
    createdBy: 'alice@example.com',
    orgRole,
    projects: projects.map(({ projectId, role, allCluster, clusterIds, allVolume, volumeIds }) => ({
      projectId,
      projectName: 'Default Project',
      role,
      allCluster,
      clusters: clusterIds.map((clusterId) => ({ clusterId, clusterName: `name of ${clusterId}` })),
      allVolume,
      volumes: volumeIds.map((volumeId) => ({ volumeId, volumeName: `name of ${volumeId}` })),
    })),
    createTime: '2026-07-22T02:30:00Z',
  };
}
