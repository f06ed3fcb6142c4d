import { createHash } from 'node:crypto';
import {
  type ControlPlane,
  ControlPlaneError,
  type CreatedKey,
  type DescribedKey,
  type KeyScope,
  MAX_KEYS,
  type NewKey,
} from '../../protocol/keys/control-plane.ts';

/** Times are in milliseconds on the clock of the control plane. */
interface Lifetime {
  readonly id: string;
  readonly createdAt: number;
  deletedAt: number;
}

/**
 * The API keys of an organization, in memory. Passes the same contract suite as the real adapter.
 *
 * Tests set the public fields. For a failure of one call, they wrap the port.
 */
export class InMemoryControlPlane implements ControlPlane {
  quota: number = MAX_KEYS;
  /** What the control plane says about the manager key. */
  manager: 'accepted' | 'rejected' | 'forbidden' = 'accepted';
  now: () => number = () => 0;
  /** What a list shows of the keys. Default: all of them. */
  shows: (keys: readonly DescribedKey[]) => readonly DescribedKey[] = (keys) => keys;
  /** Milliseconds until the clusters know that a key was created or deleted. */
  delayMs = 0;
  private readonly keys = new Map<string, DescribedKey>();
  /** By text. Deleted keys stay. */
  private readonly lifetimes = new Map<string, Lifetime>();

  /** The text of every key that ever existed. */
  get everyKey(): string[] {
    return [...this.lifetimes.keys()];
  }

  /** Whether a cluster accepts this text as its token now. */
  accepts(key: string): boolean {
    const { createdAt, deletedAt } = this.lifetimes.get(key) ?? { createdAt: Infinity, deletedAt: 0 };
    const known = this.now() - this.delayMs;
    return createdAt <= known && known < deletedAt;
  }

  /** Creates a key as a person does in the console, where no role is refused. */
  createByHand({ name, description, scope }: NewKey): CreatedKey {
    const number = this.lifetimes.size + 1;
    const id = `key-${String(number).padStart(14, '0')}`;
    const key = createHash('sha256').update(id).digest('hex').slice(0, 48);
    this.keys.set(id, { id, name, description, scope, createdAt: this.now() });
    this.lifetimes.set(key, { id, createdAt: this.now(), deletedAt: Infinity });
    return { id, key };
  }

  /** Changes a key as a person does in the console. */
  changeScope(id: string, scope: KeyScope): void {
    const key = this.keys.get(id);
    if (key !== undefined) {
      this.keys.set(id, { ...key, scope });
    }
  }

  list(): Promise<readonly DescribedKey[]> {
    return this.answer(() => this.shows([...this.keys.values()]));
  }

  create(key: NewKey): Promise<CreatedKey> {
    return this.answer(() => {
      const { orgRole, projects } = key.scope;
      const isComplete = key.name.trim() !== '' && orgRole !== '' && (orgRole !== 'Member' || projects.length > 0);
      if (!isComplete || orgRole === 'Owner' || this.keys.size >= this.quota) {
        throw new ControlPlaneError('refused', 'POST: code 1100');
      }
      return this.createByHand(key);
    });
  }

  delete(id: string): Promise<'deleted' | 'gone'> {
    return this.answer(() => {
      for (const lifetime of this.lifetimes.values()) {
        if (lifetime.id === id && this.keys.has(id)) {
          lifetime.deletedAt = this.now();
        }
      }
      return this.keys.delete(id) ? 'deleted' : 'gone';
    });
  }

  private async answer<T>(decide: () => T): Promise<T> {
    if (this.manager !== 'accepted') {
      throw new ControlPlaneError(this.manager, 'code 1800');
    }
    return decide();
  }
}
