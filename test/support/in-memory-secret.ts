import {
  type LabelOutcome,
  type ListedVersion,
  type SecretDescription,
  type SecretStore,
  SecretStoreError,
} from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS } from '../../protocol/secret/versions.ts';

interface Version {
  value: string | undefined;
  labels: Set<string>;
  createdAt: number;
}

/** Secrets Manager's limit for one secret. */
const MAX_LABELS = 20;

/**
 * A secret of Secrets Manager, in memory. Passes the same contract suite as the real adapter.
 *
 * Beside the methods of the port, this class has those of RotateSecret, of people and of Secrets
 * Manager's clean-up.
 */
export class InMemorySecret implements SecretStore {
  readonly arn: string;
  readonly name: string;
  tags: Record<string, string> = {};
  rotationEnabled = true;
  /** Milliseconds since the epoch. */
  lastRotatedAt: number | undefined;
  lastChangedAt: number | undefined;
  /** Versions that the KMS key of the secret does not decrypt. */
  readonly undecryptable: Set<string> = new Set();
  /** Versions that were stored moments ago, and whose values cannot be read yet. */
  readonly notVisibleYet: Set<string> = new Set();
  private readonly versions = new Map<string, Version>();
  /**
   * The date of a change, in milliseconds since the epoch. Default: a second later each time.
   */
  date: () => number = () => {
    this.ticks += 1000;
    return this.ticks;
  };
  private ticks = 0;

  constructor(name = 'zilliz/test') {
    this.name = name;
    this.arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf`;
  }

  describe(): Promise<SecretDescription> {
    return Promise.resolve({
      arn: this.arn,
      name: this.name,
      rotationEnabled: this.rotationEnabled,
      lastRotatedAt: this.lastRotatedAt,
      lastChangedAt: this.lastChangedAt,
      tags: { ...this.tags },
      versions: [...this.versions]
        .filter(([, { labels }]) => labels.size > 0)
        .map(([versionId, { labels }]) => ({ versionId, labels: [...labels] })),
    });
  }

  read(versionId: string): Promise<string | undefined> {
    return this.undecryptable.has(versionId)
      ? Promise.reject(
          new SecretStoreError({
            action: 'GetSecretValue',
            code: 'AccessDeniedException',
            kind: 'denied',
            explanation: 'the KMS key refuses to decrypt it',
          }),
        )
      : Promise.resolve(this.notVisibleYet.has(versionId) ? undefined : this.versions.get(versionId)?.value);
  }

  list(): Promise<readonly ListedVersion[]> {
    return Promise.resolve(
      [...this.versions]
        .filter(([, { value }]) => value !== undefined)
        .map(([versionId, { labels, createdAt }]) => ({ versionId, labels: [...labels], createdAt })),
    );
  }

  put({ versionId, value, labels }: Parameters<SecretStore['put']>[0]): ReturnType<SecretStore['put']> {
    const existing = this.versions.get(versionId);
    if (existing?.value !== undefined) {
      return Promise.resolve(existing.value === value ? 'stored' : 'conflict');
    }
    this.requireRoomFor(labels);
    this.versions.set(versionId, { value, labels: existing?.labels ?? new Set(), createdAt: this.date() });
    for (const label of labels) {
      this.move(label, versionId);
    }
    return Promise.resolve('stored');
  }

  promote({ to, from }: { to: string; from: string }): Promise<LabelOutcome> {
    const current = this.holder(AWSCURRENT);
    if (current === to) {
      return Promise.resolve('done');
    }
    if (current !== from || !this.versions.has(to)) {
      return Promise.resolve('moved');
    }
    this.move(AWSCURRENT, to);
    return Promise.resolve('done');
  }

  addLabel({ label, to }: { label: string; to: string }): Promise<void> {
    const holder = this.holder(label);
    if (holder !== undefined && holder !== to) {
      return Promise.reject(refusal('InvalidParameterException', `${label} is on version ${holder}`));
    }
    this.move(label, to);
    return Promise.resolve();
  }

  removeLabel({ label, from }: { label: string; from: string }): Promise<LabelOutcome> {
    this.change();
    return Promise.resolve(this.versions.get(from)?.labels.delete(label) === true ? 'done' : 'moved');
  }

  /**
   * Begins a rotation as RotateSecret does: creates an empty version labelled AWSPENDING.
   *
   * @returns false if Secrets Manager refuses, because another rotation is unfinished.
   */
  startRotation(token: string): boolean {
    const pending = this.holder(AWSPENDING);
    if (pending !== undefined && pending !== token && pending !== this.holder(AWSCURRENT)) {
      return false;
    }
    this.rotationEnabled = true;
    if (!this.versions.has(token)) {
      this.versions.set(token, { value: undefined, labels: new Set(), createdAt: this.date() });
      this.move(AWSPENDING, token);
    }
    return true;
  }

  /** Stores a new AWSCURRENT version as a person does, which also removes AWSPENDING. */
  storeByHand(versionId: string, value: string): void {
    this.versions.set(versionId, { value, labels: new Set(), createdAt: this.date() });
    this.move(AWSCURRENT, versionId);
    this.removePendingByHand();
  }

  /** Removes AWSPENDING, as AWS documents it for a rotation that does not end. */
  removePendingByHand(): void {
    const pending = this.holder(AWSPENDING);
    if (pending !== undefined) {
      this.versions.get(pending)?.labels.delete(AWSPENDING);
    }
  }

  /**
   * Deletes versions without a label, as Secrets Manager may do after a day.
   *
   * @param isRecent selects the values that count among the 100 newest, which Secrets Manager
   * keeps. Default: none.
   */
  deleteDeprecated(isRecent: (value: string) => boolean = () => false): void {
    for (const [versionId, { labels, value }] of this.versions) {
      if (labels.size === 0 && (value === undefined || !isRecent(value))) {
        this.versions.delete(versionId);
      }
    }
  }

  holder(label: string): string | undefined {
    // Without a copy of all versions, because the fault campaign asks millions of times.
    for (const [versionId, { labels }] of this.versions) {
      if (labels.has(label)) {
        return versionId;
      }
    }
    return undefined;
  }

  labelsOf(versionId: string): readonly string[] {
    return [...(this.versions.get(versionId)?.labels ?? [])].toSorted();
  }

  get versionIds(): readonly string[] {
    return [...this.versions.keys()];
  }

  valueOf(versionId: string): string | undefined {
    return this.versions.get(versionId)?.value;
  }

  get values(): readonly string[] {
    return [...this.versions.values()].flatMap(({ value }) => value ?? []);
  }

  /** The values of versions with a label, which Secrets Manager never deletes. */
  get labelledValues(): readonly string[] {
    return [...this.versions.values()].flatMap(({ value, labels }) => (labels.size > 0 ? (value ?? []) : []));
  }

  /** No two changes have the same date. */
  private change(): void {
    this.lastChangedAt = Math.max(this.date(), (this.lastChangedAt ?? 0) + 1);
  }

  private move(label: string, to: string): void {
    const target = this.versions.get(to);
    if (target === undefined) {
      throw new Error(`InMemorySecret: no version ${to}`);
    }
    const from = this.holder(label);
    if (from === to) {
      return;
    }
    this.requireRoomFor([label]);
    this.change();
    if (from !== undefined) {
      this.versions.get(from)?.labels.delete(label);
    }
    target.labels.add(label);
    if (label === AWSCURRENT && from !== undefined) {
      this.move(AWSPREVIOUS, from);
    }
  }

  /** Called before any change, because Secrets Manager refuses the whole request. */
  private requireRoomFor(added: readonly string[]): void {
    const labels = new Set([...[...this.versions.values()].flatMap((version) => [...version.labels]), ...added]);
    if (labels.size > MAX_LABELS) {
      throw refusal('LimitExceededException', `more than ${MAX_LABELS} labels`);
    }
  }
}

function refusal(code: string, explanation: string): SecretStoreError {
  return new SecretStoreError({ action: 'UpdateSecretVersionStage', code, kind: 'refused', explanation });
}
