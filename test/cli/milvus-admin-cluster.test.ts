import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AdminCluster } from '../../cli/cluster/admin-cluster.ts';
import { createMilvusAdminCluster } from '../../cli/cluster/milvus-admin-cluster.ts';
import type { Admin } from '../../protocol/cluster/cluster.ts';
import {
  type GrpcAnswer,
  type GrpcServer,
  grpcServer,
  selfSigned,
  statusMessage,
  userMessage,
} from '../adapters/support/grpc-server.ts';
import { type RestAnswer, restServer } from '../adapters/support/rest-server.ts';

// A busy machine needs seconds to make a client.
vi.setConfig({ testTimeout: 30_000 });

const TOKEN = 'root:Root:password-0';
const PASSWORD = 'New-password-1';

let cluster: AdminCluster;

beforeEach(() => {
  cluster = createMilvusAdminCluster();
});

function adminOf({ endpoint }: GrpcServer): Admin {
  return { endpoint, token: TOKEN };
}

async function answering(answer: GrpcAnswer): Promise<Admin> {
  return adminOf(await grpcServer(() => answer));
}

describe('describeUser', () => {
  it('returns the roles of a user', async () => {
    const server = await grpcServer(() => ({ message: userMessage('someone', ['reader', '']) }));
    expect(await cluster.describeUser(adminOf(server), 'someone')).toEqual({ kind: 'found', roles: ['reader'] });
    expect(server.calls).toMatchObject([{ method: 'SelectUser', authorization: TOKEN }]);
    expect(server.calls[0]?.message).toContain('someone');
  });

  it('finds no user if the answer is about nobody or about another user', async () => {
    const nobody = await answering({ message: userMessage('another', []) });
    expect(await cluster.describeUser(nobody, 'someone')).toEqual({ kind: 'absent' });
  });

  it('quotes a refusal', async () => {
    const admin = await answering({ message: userMessage('someone', [], { errorCode: 1, code: 1, reason: 'no' }) });
    expect(await cluster.describeUser(admin, 'someone')).toEqual({ kind: 'refused', answer: 'UnexpectedError 1: no' });
  });

  it('throws if it gets no usable answer', async () => {
    await expect(cluster.describeUser(await answering({ grpc: 14 }), 'someone')).rejects.toMatchObject({
      name: 'ClusterUnavailableError',
      kind: 'unreachable',
    });
  });
});

describe.each<[string, string, (admin: Admin) => ReturnType<AdminCluster['grantRole']>, string[]]>([
  [
    'createUser',
    'CreateCredential',
    (admin) => cluster.createUser(admin, 'someone', PASSWORD),
    [Buffer.from(PASSWORD).toString('base64')],
  ],
  ['grantRole', 'OperateUserRole', (admin) => cluster.grantRole(admin, 'someone', 'reader'), ['reader']],
])('%s', (_, method, request, sent) => {
  it('sends one request with the admin’s token', async () => {
    const server = await grpcServer(() => ({ message: statusMessage({}) }));
    expect(await request(adminOf(server))).toEqual({ kind: 'done' });
    expect(server.calls).toMatchObject([{ method, authorization: TOKEN }]);
    for (const text of ['someone', ...sent]) {
      expect(server.calls[0]?.message).toContain(text);
    }
  });

  it('quotes a refusal of the cluster', async () => {
    const refused = await answering({ message: statusMessage({ errorCode: 1, code: 1401, reason: 'not permitted' }) });
    expect(await request(refused)).toEqual({ kind: 'refused', answer: 'UnexpectedError 1401: not permitted' });
    const forbidden = await answering({ grpc: 7, details: 'permission deny' });
    expect(await request(forbidden)).toEqual({ kind: 'refused', answer: 'gRPC 7: permission deny' });
  });

  it('says that the answer is lost if it gets no usable answer', async () => {
    expect(await request(await answering({ grpc: 14 }))).toMatchObject({
      kind: 'lost',
      answer: expect.stringContaining('is unreachable: gRPC 14'),
    });
    expect(await request(await answering({ http: 403 }))).toMatchObject({
      kind: 'lost',
      answer: expect.stringContaining('is not-ready'),
    });
  });
});

it('the admin’s requests trust the private authority', async () => {
  const certificate = await selfSigned();
  const server = await grpcServer(() => ({ message: statusMessage({}) }), certificate);
  const trusting = createMilvusAdminCluster({ privateCa: certificate.cert });
  expect(await trusting.grantRole(adminOf(server), 'someone', 'reader')).toEqual({ kind: 'done' });
  expect(await cluster.grantRole(adminOf(server), 'someone', 'reader')).toMatchObject({
    kind: 'lost',
    answer: expect.stringContaining('is unreachable'),
  });
});

describe('descriptionAfter', () => {
  const user = { username: 'app', password: PASSWORD };

  /** A cluster that stores a description, and loses it with the password if `loses`. */
  async function descriptionAfter(stores: boolean, loses: boolean, answer?: RestAnswer): Promise<string | undefined> {
    let description = '';
    const { endpoint } = await restServer(({ path, body }) => {
      const update = path?.endsWith('/v2/vectordb/users/update_password') === true ? JSON.parse(body) : {};
      expect(Object.keys(update)).not.toContain('newPassword');
      description = stores ? (update.description ?? description) : '';
      return answer ?? { status: 200, body: { code: 0, data: [], description } };
    });
    return await cluster.descriptionAfter({ ...user, endpoint }, 'of a test', async () => {
      description = loses ? '' : description;
      return { ...user, endpoint, password: 'Newer-password-2' };
    });
  }

  it('returns what the cluster keeps, and undefined if it never stored the description', async () => {
    expect(await descriptionAfter(true, false)).toBe('of a test');
    expect(await descriptionAfter(true, true)).toBe('');
    expect(await descriptionAfter(false, false)).toBeUndefined();
  });

  it('throws after a refusal, without the password', async () => {
    const refused = { status: 200, body: { code: 1400, message: `old password not correct: ${PASSWORD}` } };
    const error: unknown = await descriptionAfter(true, false, refused).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'ClusterUnavailableError', kind: 'not-ready' });
    expect(String(error)).not.toContain(PASSWORD);
  });
});
