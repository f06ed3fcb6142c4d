import { onTestFinished } from 'vitest';
import type { CredentialEvent } from '../../../client/index.ts';
import { createRotatingClient, type RotatingClientOptions, type RotatingMilvusClient } from '../../../client/index.ts';
import { type GrpcAnswer, type GrpcCall, type GrpcServer, grpcServer } from '../../adapters/support/grpc-server.ts';
import { SecretService } from './secret-service.ts';

/** A cluster that accepts some tokens, and the secret of an application. */
export interface World {
  readonly server: GrpcServer;
  readonly accepted: Set<string>;
  readonly service: SecretService;
  readonly events: CredentialEvent[];
  tokensOf(method: string): string[];
  /** Creates a client, which is closed after the test. */
  client(options?: Partial<RotatingClientOptions>): Promise<RotatingMilvusClient>;
}

const REFUSAL: GrpcAnswer = { grpc: 16, details: 'auth check failure, please check api key is correct' };

/**
 * Starts a cluster that accepts the token `orders:one`, which version `v1` of the secret holds.
 *
 * @param answer to an accepted call. Default: an empty message.
 */
export async function startWorld(
  answer: (call: GrpcCall) => GrpcAnswer | undefined = () => ({ message: new Uint8Array() }),
): Promise<World> {
  const accepted = new Set(['orders:one']);
  const service = new SecretService();
  const server = await grpcServer((call) => (accepted.has(call.authorization) ? answer(call) : REFUSAL));
  const events: CredentialEvent[] = [];
  service.store('v1', 'orders:one');
  return {
    server,
    accepted,
    service,
    events,
    tokensOf: (method) => server.calls.filter((call) => call.method === method).map((call) => call.authorization),
    client: async (options) => {
      const client = await createRotatingClient({
        secretId: 'milvus/orders',
        secretsManager: service.client,
        endpoint: server.endpoint.url,
        minimumIntervalMs: 1,
        onEvent: (event) => events.push(event),
        ...options,
        // Retries of the SDK would only make the tests slower.
        config: { maxRetries: 0, telemetry: { enabled: false }, ...options?.config },
      });
      onTestFinished(() => client.close());
      return client;
    },
  };
}

/** Makes version `v2` AWSCURRENT. The cluster accepts `orders:two` only, which `v2` holds. */
export function rotate({ accepted, service }: World, value = 'orders:two'): void {
  service.store('v2', value);
  accepted.clear();
  accepted.add('orders:two');
}
