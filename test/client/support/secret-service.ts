import { Readable } from 'node:stream';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';
import { InMemorySecret } from '../../support/in-memory-secret.ts';

/** Secrets Manager with one secret, behind the real client of AWS. */
export class SecretService {
  readonly secret: InMemorySecret = new InMemorySecret('milvus/orders');
  /** `GetSecretValue AWSCURRENT`, `DescribeSecret`, in order. */
  readonly requests: string[] = [];
  /** AWS's error for every request. */
  outage: string | undefined;
  /** Every answer waits until this promise resolves. */
  hold: Promise<void> | undefined;
  /** Called for each request, before its answer. */
  onRequest: (request: string) => void = () => undefined;
  nextRotation: Date | undefined;
  maySeeSchedule = true;
  readonly client: SecretsManagerClient;

  constructor() {
    this.client = new SecretsManagerClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' },
      maxAttempts: 1,
      requestHandler: { handle: (request: HttpRequest) => this.#handle(request) },
    });
    onTestFinished(() => this.client.destroy());
  }

  /** Makes `user:password` AWSCURRENT, as a person does. */
  store(versionId: string, value: string): void {
    this.secret.storeByHand(versionId, value);
  }

  /** Stores `user:password` as AWSPENDING, as createSecret does. */
  async storePending(versionId: string, value: string): Promise<void> {
    await this.secret.put({ versionId, value, labels: ['AWSPENDING'] });
  }

  /** Moves AWSCURRENT to the pending version, as finishSecret does. */
  async promote(): Promise<void> {
    const [to = '', from = ''] = ['AWSPENDING', 'AWSCURRENT'].map((label) => this.secret.holder(label));
    await this.secret.promote({ to, from });
  }

  /** The reads of the secret's value. */
  get reads(): string[] {
    return this.requests.filter((request) => request.startsWith('GetSecretValue'));
  }

  async #handle({ headers, body }: HttpRequest): Promise<{ response: never }> {
    const action = headers['x-amz-target']?.split('.').at(-1) ?? '';
    const { VersionStage } = JSON.parse(Buffer.from(body as Uint8Array).toString()) as { VersionStage?: string };
    const request = [action, VersionStage].filter(Boolean).join(' ');
    this.requests.push(request);
    this.onRequest(request);
    await this.hold;
    if (this.outage !== undefined) {
      return answer(400, { __type: this.outage });
    }
    if (action === 'DescribeSecret') {
      return this.maySeeSchedule
        ? answer(200, { ...(this.nextRotation && { NextRotationDate: this.nextRotation.getTime() / 1000 }) })
        : answer(400, { __type: 'AccessDeniedException' });
    }
    const versionId = this.secret.holder(VersionStage ?? '') ?? '';
    const value = this.secret.valueOf(versionId);
    return value === undefined
      ? answer(400, { __type: 'ResourceNotFoundException' })
      : answer(200, { VersionId: versionId, SecretString: value });
  }
}

interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

function answer(statusCode: number, body: object): { response: never } {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  return { response: { statusCode, headers, body: Readable.from([JSON.stringify(body)]) } as never };
}
