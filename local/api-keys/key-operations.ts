import { z } from 'zod';
import { Refusal } from '../servers/http-answer.ts';
import type { ApiKey, KeyDirectory, KeyFields, ProjectAccess } from './key-directory.ts';

/** A request of a known key. */
export interface KeyRequest {
  readonly directory: KeyDirectory;
  readonly caller: ApiKey;
  /** The end of the path, if it names a key. */
  readonly id: string | undefined;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** ASSUMPTION keys-refusals */
const REFUSED = { invalid: 400, notFound: 404, quotaReached: 409, forbidden: 96_013 };

/** ASSUMPTION keys-quota */
const MAX_KEYS = 100;

/** Performs the request. @returns `data` of the answer. @throws Refusal */
export function perform(method: string, request: KeyRequest): object {
  const operation = OPERATIONS[request.id === undefined ? method : `${method} id`];
  if (operation === undefined) {
    throw new Refusal(REFUSED.notFound, 'There is no such operation.');
  }
  if (!isManager(request.caller.fields)) {
    throw forbidden();
  }
  return operation(request);
}

const OPERATIONS: Readonly<Record<string, (request: KeyRequest) => object>> = {
  POST: ({ directory, caller, body }) => {
    const fields = fieldsIn(body);
    if (!mayManage(caller, fields)) {
      throw forbidden();
    }
    if (directory.all().length >= MAX_KEYS) {
      throw new Refusal(REFUSED.quotaReached, `An organization has at most ${MAX_KEYS} customized API keys.`);
    }
    const { id: apiKeyId, key: apiKey } = directory.create(fields, caller.id);
    return { apiKeyId, apiKey };
  },

  GET: ({ directory, caller, query }) => {
    const pageSize = Number(query.get('pageSize') ?? 10);
    const currentPage = Number(query.get('currentPage') ?? 1);
    const keys = visibleTo(caller, directory);
    const page = keys.slice((currentPage - 1) * pageSize, currentPage * pageSize);
    return { count: keys.length, currentPage, pageSize, apiKeys: page.map(described) };
  },

  'DELETE id': ({ directory, caller, id }) => {
    const key = visibleTo(caller, directory).find((visible) => visible.id === id);
    if (key === undefined) {
      throw new Refusal(REFUSED.notFound, 'The API key does not exist.');
    }
    directory.delete(key);
    return described(key);
  },
};

/** The projects that a key administers. */
function administeredBy({ projects }: KeyFields): readonly string[] {
  return projects.filter(({ role }) => role === 'Admin').map(({ projectId }) => projectId);
}

function isManager(fields: KeyFields): boolean {
  return fields.orgRole === 'Owner' || administeredBy(fields).length > 0;
}

/**
 * An Owner manages every key. A project Admin manages a key whose projects it all administers.
 * ASSUMPTION keys-managers
 */
function mayManage({ fields: manager }: ApiKey, { orgRole, projects }: KeyFields): boolean {
  return (
    manager.orgRole === 'Owner' ||
    (orgRole === 'Member' && projects.every(({ projectId }) => administeredBy(manager).includes(projectId)))
  );
}

function forbidden(): Refusal {
  const message = "You don't have permission for this project. Org owner or project owner is needed.";
  return new Refusal(REFUSED.forbidden, message);
}

function visibleTo(caller: ApiKey, directory: KeyDirectory): readonly ApiKey[] {
  return directory.all().filter(({ fields }) => mayManage(caller, fields));
}

const list = z.array(z.string().min(1)).default([]);
const PROJECT = z.object({
  projectId: z.string().min(1),
  role: z.string().min(1),
  allCluster: z.boolean().default(false),
  clusterIds: list,
  allVolume: z.boolean().default(false),
  volumeIds: list,
});
const FIELDS = z
  .object({
    name: z.string().max(64).regex(/\S/, 'must not be blank'),
    description: z.string().max(255).default(''),
    orgRole: z
      .string()
      .min(1)
      .refine((role) => role !== 'Owner', 'the API cannot create a key with this role'),
    projects: z.array(PROJECT).default([]),
  })
  .refine(({ orgRole, projects }) => orgRole !== 'Member' || projects.length > 0, {
    path: ['projects'],
    message: 'required for orgRole Member',
  });

/** Reads the body of a creation or an update. @throws Refusal */
function fieldsIn(body: string): KeyFields {
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    throw new Refusal(REFUSED.invalid, 'The body is not JSON.');
  }
  const { data, error } = FIELDS.safeParse(given);
  if (data === undefined) {
    const [issue] = error.issues;
    throw new Refusal(REFUSED.invalid, `Invalid ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return data;
}

/** A key as the control plane tells it, without its text. */
function described({ id, createdBy, createTime, fields }: ApiKey): object {
  const { projects, ...rest } = fields;
  return { apiKeyId: id, ...rest, creatorName: createdBy, createdBy, projects: projects.map(withNames), createTime };
}

/** The API takes ids, and tells ids with names. The simulator uses each id as the name too. */
function withNames({ projectId, role, allCluster, clusterIds, allVolume, volumeIds }: ProjectAccess): object {
  return {
    projectId,
    projectName: projectId,
    role,
    allCluster,
    clusters: clusterIds.map((clusterId) => ({ clusterId, clusterName: clusterId })),
    allVolume,
    volumes: volumeIds.map((volumeId) => ({ volumeId, volumeName: volumeId })),
  };
}
