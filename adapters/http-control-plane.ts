import { parseAnyEndpoint } from '../protocol/cluster/endpoint.ts';
import {
  type ControlPlane,
  ControlPlaneError,
  type ControlPlaneSettings,
  type CreatedKey,
  type DescribedKey,
  type NewKey,
  type ProjectScope,
} from '../protocol/keys/control-plane.ts';
import { type ControlPlaneCall, createControlPlaneCall, fieldsOf } from './control-plane-call.ts';

/**
 * {@link ControlPlane} on the REST API of Zilliz Cloud. No request is repeated, because Secrets
 * Manager repeats the whole step.
 *
 * @param timeoutMs of one request, connecting included. A list may take several.
 * @throws EndpointError if the URL is neither https nor http of loopback
 */
export function createControlPlane(
  managerKey: string,
  { url, path, successCodes }: ControlPlaneSettings,
  { timeoutMs }: { readonly timeoutMs: number },
): ControlPlane {
  const { url: origin } = parseAnyEndpoint(url, { allowPlaintext: false });
  const call = createControlPlaneCall(managerKey, { origin, successCodes, timeoutMs });
  const keysPath = `/v2/${path}`;
  const list = () => listKeys(call, keysPath);

  return {
    list,

    create: (key) => call({ method: 'POST', path: keysPath, body: requestBody(key), read: readCreatedKey }),

    delete: async (id) => {
      try {
        return await call({ method: 'DELETE', path: `${keysPath}/${encodeURIComponent(id)}`, read: () => 'deleted' });
      } catch (error) {
        // No code is documented for a missing key, and a wrong path is a 404 too. The list decides.
        // ASSUMPTION keys-refusals
        const isRefused = error instanceof ControlPlaneError && error.kind === 'refused';
        if (isRefused && (await list()).every((key) => key.id !== id)) {
          return 'gone';
        }
        throw error;
      }
    },
  };
}

/** The largest page that the control plane allows. */
const PAGE_SIZE = 100;

/** For ten times the keys that an organization can have. */
const MAX_PAGES = 10;

/**
 * Reads pages until they hold as many keys as the control plane counts, or until a page is empty.
 * If keys are created or deleted meanwhile, a key may appear twice.
 */
async function listKeys(call: ControlPlaneCall, path: string): Promise<DescribedKey[]> {
  const keys = new Map<string, DescribedKey>();
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const query = `?currentPage=${page}&pageSize=${PAGE_SIZE}`;
    const { described, count } = await call({ method: 'GET', path, query, read: readPage });
    for (const key of described) {
      keys.set(key.id, key);
    }
    if (described.length === 0 || (typeof count === 'number' && keys.size >= count)) {
      return [...keys.values()];
    }
  }
  throw new ControlPlaneError('unavailable', `GET ${path}: the list does not end after ${MAX_PAGES} pages`);
}

interface Page {
  readonly described: readonly DescribedKey[];
  readonly count: unknown;
}

function readPage(data: unknown): Page | undefined {
  const { apiKeys, count } = fieldsOf(data);
  const described = Array.isArray(apiKeys) ? apiKeys.map(describedKey) : undefined;
  return described?.every(({ id }) => id !== '') ? { described, count } : undefined;
}

/**
 * Examples in the documentation lack some fields. A missing field is read as an empty one: a key in
 * another format hides no other key, and a scope never becomes larger.
 */
function describedKey(value: unknown): DescribedKey {
  const { apiKeyId, name, description, orgRole, projects, createTime } = fieldsOf(value);
  const createdAt = Date.parse(textOf(createTime));
  return {
    id: textOf(apiKeyId),
    name: textOf(name),
    description: textOf(description),
    createdAt: Number.isNaN(createdAt) ? undefined : createdAt,
    scope: { orgRole: textOf(orgRole), projects: Array.isArray(projects) ? projects.map(projectScope) : [] },
  };
}

function projectScope(value: unknown): ProjectScope {
  const { projectId, role, allCluster, clusters, clusterIds, allVolume, volumes, volumeIds } = fieldsOf(value);
  return {
    projectId: textOf(projectId),
    role: textOf(role),
    allCluster: allCluster === true,
    // The clusters of today are no part of a scope of all clusters.
    clusterIds: allCluster === true ? [] : idsOf('clusterId', [clusters, clusterIds]),
    allVolume: allVolume === true,
    volumeIds: allVolume === true ? [] : idsOf('volumeId', [volumes, volumeIds]),
  };
}

/** The sorted ids in lists of ids, and of objects with an id. */
function idsOf(field: string, lists: readonly unknown[]): string[] {
  const ids = lists.flat().map((item) => textOf(item) || textOf(fieldsOf(item)[field]));
  return [...new Set(ids)].filter((id) => id !== '').toSorted();
}

/** The ids of clusters and volumes are for a scope without all of them. */
function requestBody({ name, description, scope: { orgRole, projects } }: NewKey): object {
  const projectBodies = projects.map(({ clusterIds, volumeIds, ...project }) => ({
    ...project,
    ...(project.allCluster ? {} : { clusterIds }),
    ...(project.allVolume ? {} : { volumeIds }),
  }));
  return { name, description, orgRole, ...(projects.length === 0 ? {} : { projects: projectBodies }) };
}

function readCreatedKey(data: unknown): CreatedKey | undefined {
  const { apiKeyId, apiKey } = fieldsOf(data);
  const created = { id: textOf(apiKeyId), key: textOf(apiKey) };
  return created.id === '' || created.key === '' ? undefined : created;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
