// A function that calls AWS with its role, as an attacker with control of its code could.
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { KMS } from '@aws-sdk/client-kms';
import { Lambda } from '@aws-sdk/client-lambda';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';

const CLIENTS = {
  secretsManager: new SecretsManager({ maxAttempts: 1 }),
  logs: new CloudWatchLogs({ maxAttempts: 1 }),
  kms: new KMS({ maxAttempts: 1 }),
  lambda: new Lambda({ maxAttempts: 1 }),
};

/** `{ service: 'kms', action: 'decrypt', input: … }`. A blob is in base64. */
export interface Call {
  readonly service: 'secretsManager' | 'logs' | 'kms' | 'lambda';
  readonly action: string;
  readonly input: object;
}

/** @returns `allowed`, or the error of each call */
export function handler(calls: readonly Call[]): Promise<string[]> {
  return Promise.all(calls.map(resultOf));
}

async function resultOf({ service, action, input }: Call): Promise<string> {
  const client = CLIENTS[service];
  const blob = 'CiphertextBlob' in input && { CiphertextBlob: Buffer.from(String(input.CiphertextBlob), 'base64') };
  try {
    await Reflect.apply(Reflect.get(client, action), client, [{ ...input, ...blob }]);
    return 'allowed';
  } catch (error) {
    return String(error);
  }
}
