import { z } from 'zod';
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

/** The control plane answers it with `code` and `message`. The message holds no value of the request. */
export class KeyRefusal extends Error {
  override readonly name = 'KeyRefusal' as const;
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** docs/api-keys-simulator.md names the source of each code. */
const INVALID = 400;
const NOT_FOUND = 404;
const QUOTA_REACHED = 409;
const WRONG_PAGE_SIZE = 96_008;
const WRONG_PAGE = 96_009;
const FORBIDDEN = 96_013;

const MAX_CUSTOMIZED_KEYS = 100;

/** Performs the request. @returns `data` of the answer. @throws KeyRefusal */
export function perform(method: string, request: KeyRequest): object {
  const operation = OPERATIONS[request.id === undefined ? method : `${method} id`];
  if (operation === undefined) {
    throw new KeyRefusal(NOT_FOUND, 'There is no such operation.');
  }
  if (!isManager(request.caller.fields)) {
    throw forbidden();
  }
  return operation(request);
}

const OPERATIONS: Readonly<Record<string, (request: KeyRequest) => object>> = {
  POST: ({ directory, caller, body }) => {
    const fields = fieldsOf(body);
    refuseUnlessAllowed(caller, fields);
    const { organization } = caller;
    if (customizedKeys(directory, organization).length >= MAX_CUSTOMIZED_KEYS) {
      throw new KeyRefusal(QUOTA_REACHED, `An organization has at most ${MAX_CUSTOMIZED_KEYS} customized API keys.`);
    }
    const { id: apiKeyId, key: apiKey } = directory.create(fields, {
      organization,
      isPersonal: false,
      createdBy: caller.id,
    });
    return { apiKeyId, apiKey };
  },

  GET: ({ directory, caller, query }) => {
    const pageSize = Number(query.get('pageSize') ?? 10);
    const currentPage = Number(query.get('currentPage') ?? 1);
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 100) {
      throw new KeyRefusal(WRONG_PAGE_SIZE, 'The parameter value for pageSize should be between 1 and 100.');
    }
    if (!Number.isInteger(currentPage) || currentPage < 1) {
      throw new KeyRefusal(WRONG_PAGE, 'The parameter currentPage should have a value of at least 1.');
    }
    const keys = visibleTo(caller, directory);
    const page = keys.slice((currentPage - 1) * pageSize, currentPage * pageSize);
    return { count: keys.length, currentPage, pageSize, apiKeys: page.map(described) };
  },

  'GET id': (request) => described(namedKey(request)),

  'PUT id': (request) => {
    const key = namedKey(request);
    const fields = fieldsOf(request.body);
    if (key.fields.orgRole === 'Owner') {
      throw new KeyRefusal(INVALID, 'The API cannot update a key with orgRole Owner.');
    }
    refuseUnlessAllowed(request.caller, fields);
    key.fields = fields;
    return described(key);
  },

  'DELETE id': (request) => {
    const key = namedKey(request);
    request.directory.delete(key);
    return described(key);
  },
};

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

function fieldsOf(body: string): KeyFields {
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    throw new KeyRefusal(INVALID, 'The body is not JSON.');
  }
  const { data, error } = FIELDS.safeParse(given);
  if (data === undefined) {
    const [issue] = error.issues;
    throw new KeyRefusal(INVALID, `Invalid ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return data;
}

function administers({ orgRole, projects }: KeyFields, projectId: string): boolean {
  return orgRole === 'Owner' || projects.some((own) => own.projectId === projectId && own.role === 'Admin');
}

function isManager({ orgRole, projects }: KeyFields): boolean {
  return orgRole === 'Owner' || projects.some(({ role }) => role === 'Admin');
}

/** An Owner manages every key, a project Admin those whose projects are all its own. */
function mayManage({ fields: manager }: ApiKey, { orgRole, projects }: KeyFields): boolean {
  return (
    manager.orgRole === 'Owner' ||
    (orgRole === 'Member' && projects.every(({ projectId }) => administers(manager, projectId)))
  );
}

function refuseUnlessAllowed(caller: ApiKey, fields: KeyFields): void {
  if (!mayManage(caller, fields)) {
    throw forbidden();
  }
}

function forbidden(): KeyRefusal {
  const message = "You don't have permission for this project. Org owner or project owner is needed.";
  return new KeyRefusal(FORBIDDEN, message);
}

function customizedKeys(directory: KeyDirectory, organization: string): readonly ApiKey[] {
  return directory.all().filter((key) => key.organization === organization && !key.isPersonal);
}

function visibleTo(caller: ApiKey, directory: KeyDirectory): readonly ApiKey[] {
  return customizedKeys(directory, caller.organization).filter(({ fields }) => mayManage(caller, fields));
}

function namedKey({ directory, caller, id }: KeyRequest): ApiKey {
  const key = visibleTo(caller, directory).find((visible) => visible.id === id);
  if (key === undefined) {
    throw new KeyRefusal(NOT_FOUND, 'The API key does not exist.');
  }
  return key;
}

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
