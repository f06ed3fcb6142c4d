import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';
import { type Answer, configAnsweredBy, type SentRequest } from '../../support/aws-answers.ts';
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
  /** The label whose version the application may not read. */
  denied: string | undefined;
  readonly client: SecretsManagerClient;

  constructor() {
    this.client = new SecretsManagerClient(configAnsweredBy((request) => this.#answer(request)));
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

  /** The reads of the secret's value. */
  get reads(): string[] {
    return this.requests.filter((request) => request.startsWith('GetSecretValue'));
  }

  async #answer({ action = '', body }: SentRequest): Promise<Answer> {
    const { VersionStage } = body as { VersionStage?: string };
    const request = [action, VersionStage].filter(Boolean).join(' ');
    this.requests.push(request);
    this.onRequest(request);
    await this.hold;
    if (this.outage !== undefined) {
      return refusal(this.outage);
    }
    if (action === 'DescribeSecret') {
      return this.maySeeSchedule
        ? { body: { ...(this.nextRotation && { NextRotationDate: this.nextRotation.getTime() / 1000 }) } }
        : refusal('AccessDeniedException');
    }
    if (VersionStage !== undefined && VersionStage === this.denied) {
      return refusal('AccessDeniedException');
    }
    const versionId = this.secret.holder(VersionStage ?? '') ?? '';
    const value = this.secret.valueOf(versionId);
    return value === undefined
      ? refusal('ResourceNotFoundException')
      : { body: { VersionId: versionId, SecretString: value } };
  }
}

function refusal(type: string): Answer {
  return { status: 400, body: { __type: type } };
}
