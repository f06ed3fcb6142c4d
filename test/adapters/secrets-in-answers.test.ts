import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMilvusCluster } from '../../adapters/milvus-cluster.ts';
import { createMilvusRestCluster } from '../../adapters/milvus-rest-cluster.ts';
import { createMilvusAdminCluster } from '../../cli/cluster/milvus-admin-cluster.ts';
import type { Admin, Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import type { Endpoint } from '../../protocol/cluster/endpoint.ts';
import { formsOf, leakedForms } from '../support/password-forms.ts';
import { type GrpcAnswer, grpcServer, statusMessage, userMessage } from './support/grpc-server.ts';
import { type RestAnswer, restServer } from './support/rest-server.ts';

/** The secrets of one request, as the parameters of the ports. */
interface Sent {
  readonly user: Credentials;
  readonly admin: Admin;
  readonly newPassword: string;
}

type Request = (sent: Sent) => Promise<unknown>;

function requestsOf(cluster: Cluster): Record<string, Request> {
  return {
    authenticates: ({ user }) => cluster.authenticates(user),
    changePassword: ({ user, newPassword }) => cluster.changePassword(user, newPassword),
    resetPassword: ({ admin, newPassword }) => cluster.resetPassword(admin, 'someone', newPassword),
  };
}

/** What a gateway or a cluster repeats, and the index of the place in its answer. */
interface Repeated {
  text: string;
  place: number;
}

const GRPC_PLACES: ReadonlyArray<(text: string, method: string) => GrpcAnswer> = [
  ...[3, 7, 13, 14, 16].map((grpc) => (text: string) => ({ grpc, details: encodeURIComponent(text) })),
  (reason, method) => {
    const status = { errorCode: 1, code: 65535, reason };
    return { message: method === 'SelectUser' ? userMessage('someone', [], status) : statusMessage(status) };
  },
];

async function startGrpc(repeated: Repeated): Promise<Endpoint> {
  return (await grpcServer(({ method }) => GRPC_PLACES[repeated.place]?.(repeated.text, method))).endpoint;
}

const REST_PLACES: ReadonlyArray<(text: string) => RestAnswer> = [
  ...[1, 1100, 1400, 10_001, 65_535].map((code) => (message: string) => ({ status: 200, body: { code, message } })),
  (message) => ({ status: 401, body: { code: 1800, message } }),
  (message) => ({ status: 403, body: { code: 65_535, message: `rpc error: code = PermissionDenied ${message}` } }),
  ...[200, 307, 401, 403, 404, 408, 502].map((status) => (body: string) => ({ status, body })),
];

async function startRest(repeated: Repeated): Promise<Endpoint> {
  return (await restServer(() => REST_PLACES[repeated.place]?.(repeated.text))).endpoint;
}

const grpcRequests: Record<string, Request> = {
  ...requestsOf(createMilvusCluster({ timeoutMs: 10_000 })),
  createUser: ({ admin, newPassword }) => createMilvusAdminCluster().createUser(admin, 'someone', newPassword),
};

describe.each([
  ['gRPC', startGrpc, GRPC_PLACES.length, grpcRequests],
  ['REST', startRest, REST_PLACES.length, requestsOf(createMilvusRestCluster({ timeoutMs: 10_000 }))],
])('a secret that a gateway or a cluster repeats over %s', (_, start, places, requests) => {
  it.each(Object.entries(requests))('leaves %s in no encoding', async (name, send) => {
    const repeated = { text: '', place: 0 };
    const endpoint = await start(repeated);
    const password = fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(fc.nat(places - 1), password, password, fc.nat(), async (place, own, newPassword, n) => {
        const token = `someone:${own}`;
        const secrets = name === 'authenticates' ? [token, own] : [token, own, newPassword];
        const user = { endpoint, username: 'someone', password: own };
        // One form of one secret, because a text with several of them is removed as a whole.
        const forms = secrets.flatMap(formsOf);
        Object.assign(repeated, { text: forms[n % forms.length] ?? '', place });
        const answer = await textOf(send({ user, admin: { endpoint, token }, newPassword }));
        expect(answer).toMatch(/\[redacted|"rejected"|"forbidden"/);
        expect(leakedForms(answer, secrets)).toEqual([]);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });
});

/** All text that the caller of a request gets. */
async function textOf(answer: Promise<unknown>): Promise<string> {
  try {
    const value = await answer;
    return `${JSON.stringify(value)} ${Object.values(value as object).join(' ')}`;
  } catch (error) {
    return `${String(error)} ${JSON.stringify(error)}`;
  }
}
