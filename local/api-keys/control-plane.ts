import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type HttpAnswer, Refusal, send } from '../servers/http-answer.ts';
import { listenOnLoopback } from '../servers/ports.ts';
import { Faults } from './faults.ts';
import { type ApiKey, KeyDirectory, type KeyFields } from './key-directory.ts';
import { perform } from './key-operations.ts';

export interface SimulatorOptions {
  /**
   * The only path that exists: documented, or as the Terraform provider calls it. @default
   * 'api-keys'
   */
  readonly path?: 'api-keys' | 'apiKeys';
  /**
   * The answer to an unknown key: HTTP 401 with code 21119, or HTTP 200 with code 1800.
   * @default 'http-401'
   */
  readonly unknownKey?: 'http-401' | 'code-1800';
}

export interface ControlPlaneServer {
  /** `http://127.0.0.1:20001`, without the path. */
  readonly url: string;
  /** A key with orgRole Owner. */
  readonly managerKey: string;
  readonly directory: KeyDirectory;
  readonly faults: Faults;
  /** Makes a key as a person does in the console, which also makes Owner keys. */
  createKey(key?: Partial<KeyFields>): ApiKey;
  /** Deletes a key as a person does in the console. Does nothing if there is no such key. */
  revoke(id: string): void;
  stop(): Promise<void>;
}

/** The project of the local cluster. */
export const PROJECT_ID = 'proj-local';

const READ_WRITE: Omit<KeyFields, 'name'> = {
  description: '',
  orgRole: 'Member',
  projects: [
    {
      projectId: PROJECT_ID,
      role: 'Read-Write',
      allCluster: true,
      clusterIds: [],
      allVolume: false,
      volumeIds: [],
    },
  ],
};

/**
 * Starts a control plane for API keys as Zilliz Cloud documents it, in this process, on a free port
 * of 127.0.0.1. Every process of this machine reaches it. docs/assumptions.md says what is
 * documented and what is assumed.
 */
export async function startControlPlane(options: SimulatorOptions = {}): Promise<ControlPlaneServer> {
  const directory = new KeyDirectory();
  const faults = new Faults();
  const createKey = (fields: Partial<KeyFields> = {}): ApiKey =>
    directory.create({ ...READ_WRITE, name: 'console', ...fields }, 'person@example.com');
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const fault = faults.next(request.method);
    if (fault === 'fail-before' || fault === 'throttle') {
      response.writeHead(fault === 'throttle' ? 429 : 500).end();
      return;
    }
    const answer = answerTo(request, body, directory, options);
    if (fault === 'lose-answer') {
      request.socket.destroy();
    } else if (fault === undefined) {
      send(response, answer);
    }
  };
  const server = createServer((request, response) => {
    respond(request, response).catch(() => request.socket.destroy());
  });
  const { url, stop } = await listenOnLoopback(server);
  return {
    url,
    managerKey: createKey({ name: 'manager', orgRole: 'Owner', projects: [] }).key,
    directory,
    faults,
    createKey,
    revoke: (id) => {
      const key = directory.all().find((existing) => existing.id === id);
      if (key !== undefined) {
        directory.delete(key);
      }
    },
    stop,
  };
}

function answerTo(
  { method = '', url = '/', headers }: IncomingMessage,
  body: string,
  directory: KeyDirectory,
  { path = 'api-keys', unknownKey = 'http-401' }: SimulatorOptions,
): HttpAnswer {
  const { pathname, searchParams: query } = new URL(url, 'http://control-plane.invalid');
  const [, found, id] = /^\/v2\/([^/]+)(?:\/([^/]+))?$/.exec(pathname) ?? [];
  if (found !== path) {
    return { status: 404, body: '404 page not found' };
  }
  const caller = directory.withText(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
  if (caller === undefined) {
    return unknownKey === 'http-401'
      ? { status: 401, body: { code: 21_119, message: 'The apikey is illegal' } }
      : { status: 200, body: { code: 1800, message: "User hasn't authenticated" } };
  }
  try {
    return { status: 200, body: { code: 0, data: perform(method, { directory, caller, id, query, body }) } };
  } catch (error) {
    if (error instanceof Refusal) {
      return error.answer;
    }
    throw error;
  }
}
