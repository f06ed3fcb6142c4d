import { onTestFinished } from 'vitest';
import {
  type CredentialEvent,
  createRotatingCredentials,
  type RotatingCredentials,
  type RotatingCredentialsOptions,
} from '../../../client/index.ts';
import { SecretService } from './secret-service.ts';

export interface Started {
  readonly service: SecretService;
  readonly credentials: RotatingCredentials;
  readonly events: CredentialEvent[];
  /** Sends a request to a service that accepts this token. */
  use(accepted: string, sent?: string[]): Promise<string>;
}

/**
 * Credentials of an application whose secret holds the token `orders:one` in version `v1`, unless
 * the options have a source.
 */
export async function start(options: RotatingCredentialsOptions = {}): Promise<Started> {
  const service = new SecretService();
  const events: CredentialEvent[] = [];
  service.store('v1', 'orders:one');
  const credentials = await createRotatingCredentials({
    ...(options.source === undefined && { secretId: 'milvus/orders', secretsManager: service.client }),
    minimumIntervalMs: 1,
    onEvent: (event) => events.push(event),
    ...options,
  });
  onTestFinished(() => credentials.close());
  return {
    service,
    credentials,
    events,
    use: (accepted, sent) => credentials.use(requestTo(accepted, sent), isRefusal),
  };
}

/** A service that accepts one token, and answers 401 otherwise. */
export function requestTo(accepted: string, sent: string[] = []): (credential: { token: string }) => Promise<string> {
  return async ({ token }: { token: string }): Promise<string> => {
    sent.push(token);
    await Promise.resolve();
    if (token !== accepted) {
      throw new Error('401');
    }
    return 'answer';
  };
}

export const isRefusal = (error: unknown): boolean => (error as Error).message === '401';

export const refuse = (): Promise<never> => Promise.reject(new Error('401'));
