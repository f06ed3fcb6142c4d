import { Refusal } from '../servers/http-answer.ts';
import type { ApiKey, KeyDirectory, KeyFields } from './key-directory.ts';
import { described, fieldsIn, REFUSED } from './key-documents.ts';

/** A request of a known key. */
export interface KeyRequest {
  readonly directory: KeyDirectory;
  readonly caller: ApiKey;
  /** The end of the path, if it names a key. */
  readonly id: string | undefined;
  readonly query: URLSearchParams;
  readonly body: string;
}

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
