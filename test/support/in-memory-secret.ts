import { type ListedVersion, type SecretDescription, type SecretStore, SecretStoreError } from '../../secret/store.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS } from '../../secret/versions.ts';

interface Version {
  value: string | undefined;
  labels: Set<string>;
  createdAt: number;
}

const LABELS_AT_MOST = 20;

/**
 * One secret as Secrets Manager keeps it, in memory: it passes the contract suite that the adapter passes on a real
 * server. The methods under "hands" are what RotateSecret and people do to a secret from outside the function.
 */
export class InMemorySecret implements SecretStore {
  readonly arn: string;
  readonly tags: Record<string, string> = {};
  rotationEnabled = true;
  private readonly versions = new Map<string, Version>();
  private ticks = 0;

  constructor(name = 'zilliz/test') {
    this.arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf`;
  }

  describe(): Promise<SecretDescription> {
    return Promise.resolve({
      arn: this.arn,
      name: this.arn.slice(this.arn.indexOf('secret:') + 7, -7),
      rotationEnabled: this.rotationEnabled,
      tags: { ...this.tags },
      versions: [...this.versions]
        .filter(([, { labels }]) => labels.size > 0)
        .map(([versionId, { labels }]) => ({ versionId, labels: [...labels] })),
    });
  }

  read(versionId: string): Promise<string | undefined> {
    return Promise.resolve(this.versions.get(versionId)?.value);
  }

  list(): Promise<readonly ListedVersion[]> {
    return Promise.resolve(
      [...this.versions]
        .filter(([, { value }]) => value !== undefined)
        .map(([versionId, { labels, createdAt }]) => ({ versionId, labels: [...labels], createdAt })),
    );
  }

  put({
    versionId,
    value,
    labels,
  }: {
    versionId: string;
    value: string;
    labels: readonly string[];
  }): Promise<'stored' | 'conflict'> {
    const known = this.versions.get(versionId);
    if (known?.value !== undefined) {
      return Promise.resolve(known.value === value ? 'stored' : 'conflict');
    }
    this.requireRoomFor(labels);
    this.versions.set(versionId, { value, labels: known?.labels ?? new Set(), createdAt: this.tick() });
    for (const label of labels) {
      this.move(label, versionId);
    }
    return Promise.resolve('stored');
  }

  promote({ to, from }: { to: string; from: string }): Promise<'done' | 'moved'> {
    if (this.holder(AWSCURRENT) !== from || !this.versions.has(to)) {
      return Promise.resolve('moved');
    }
    this.move(AWSCURRENT, to);
    return Promise.resolve('done');
  }

  addLabel({ label, to }: { label: string; to: string }): Promise<void> {
    this.move(label, to);
    return Promise.resolve();
  }

  removeLabel({ label, from }: { label: string; from: string }): Promise<'done' | 'moved'> {
    return Promise.resolve(this.versions.get(from)?.labels.delete(label) === true ? 'done' : 'moved');
  }

  // Hands.

  /** What RotateSecret does first: an empty version labelled AWSPENDING. False when it refuses to start. */
  startRotation(token: string): boolean {
    const pending = this.holder(AWSPENDING);
    if (pending !== undefined && pending !== token && pending !== this.holder(AWSCURRENT)) {
      return false;
    }
    this.rotationEnabled = true;
    if (!this.versions.has(token)) {
      this.versions.set(token, { value: undefined, labels: new Set(), createdAt: this.tick() });
      this.move(AWSPENDING, token);
    }
    return true;
  }

  /** A person's PutSecretValue: a new AWSCURRENT, and AWSPENDING is stripped. */
  storeByHand(versionId: string, value: string): void {
    this.versions.set(versionId, { value, labels: new Set(), createdAt: this.tick() });
    this.move(AWSCURRENT, versionId);
    const pending = this.holder(AWSPENDING);
    if (pending !== undefined) {
      this.versions.get(pending)?.labels.delete(AWSPENDING);
    }
  }

  /** AWS's documented way to un-stick: UpdateSecretVersionStage that takes AWSPENDING off. */
  removePendingByHand(): void {
    const pending = this.holder(AWSPENDING);
    if (pending !== undefined) {
      this.versions.get(pending)?.labels.delete(AWSPENDING);
    }
  }

  /**
   * What Secrets Manager may do a day later: label-less versions beyond the hundred newest go.
   *
   * @param sparing tells which values are taken to be among the hundred newest.
   */
  deleteDeprecated(sparing: (value: string) => boolean = () => false): void {
    for (const [versionId, { labels, value }] of this.versions) {
      if (labels.size === 0 && (value === undefined || !sparing(value))) {
        this.versions.delete(versionId);
      }
    }
  }

  holder(label: string): string | undefined {
    return [...this.versions].find(([, { labels }]) => labels.has(label))?.[0];
  }

  labelsOf(versionId: string): readonly string[] {
    return [...(this.versions.get(versionId)?.labels ?? [])].toSorted();
  }

  valueOf(versionId: string): string | undefined {
    return this.versions.get(versionId)?.value;
  }

  /** Every value that can still be read. */
  get values(): readonly string[] {
    return [...this.versions.values()].flatMap(({ value }) => value ?? []);
  }

  /** Values of the versions that Secrets Manager never deletes, because they carry a label. */
  get labelledValues(): readonly string[] {
    return [...this.versions.values()].flatMap(({ value, labels }) => (labels.size > 0 ? (value ?? []) : []));
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
    if (from !== undefined) {
      this.versions.get(from)?.labels.delete(label);
    }
    target.labels.add(label);
    if (label === AWSCURRENT && from !== undefined) {
      this.move(AWSPREVIOUS, from);
    }
  }

  /** Secrets Manager refuses the whole request, so nothing of it may have happened yet. */
  private requireRoomFor(more: readonly string[]): void {
    const labels = new Set([...[...this.versions.values()].flatMap((version) => [...version.labels]), ...more]);
    if (labels.size > LABELS_AT_MOST) {
      throw new SecretStoreError({
        action: 'UpdateSecretVersionStage',
        code: 'LimitExceededException',
        kind: 'refused',
        explanation: 'more than 20 labels',
      });
    }
  }

  private tick(): number {
    this.ticks += 1000;
    return this.ticks;
  }
}
