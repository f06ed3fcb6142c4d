import { randomBytes } from 'node:crypto';

/** What a caller of the control plane chooses for a key. */
export interface KeyFields {
  readonly name: string;
  readonly description: string;
  readonly orgRole: string;
  readonly projects: readonly ProjectAccess[];
}

export interface ProjectAccess {
  readonly projectId: string;
  readonly role: string;
  readonly allCluster: boolean;
  readonly clusterIds: readonly string[];
  readonly allVolume: boolean;
  readonly volumeIds: readonly string[];
}

export interface ApiKey {
  readonly id: string;
  /** The secret text. */
  readonly key: string;
  /** The id of the manager key, or the address of a person. */
  readonly createdBy: string;
  readonly createTime: string;
  readonly fields: KeyFields;
}

/**
 * After how many lookups of a key the data plane notices its creation or deletion.
 * ASSUMPTION zilliz-propagation
 */
interface DataPlaneLag {
  created: number;
  deleted: number;
}

export interface ClusterId {
  readonly projectId: string;
  readonly clusterId: string;
}

interface Visibility {
  readonly apiKey: ApiKey;
  isDeleted: boolean;
  /** Lookups that the data plane answers as before the last change. */
  staleLookups: number;
}

/** The API keys of an organization, in memory. */
export class KeyDirectory {
  /** Applies to keys that are created or deleted from now on. Tests change its members. */
  readonly lag: DataPlaneLag = { created: 0, deleted: 0 };
  /** When a key was first deleted, on the clock of `performance.now()`. */
  firstDeletedAt: number | undefined;
  readonly #byText = new Map<string, Visibility>();

  create(fields: KeyFields, createdBy: string): ApiKey {
    const apiKey: ApiKey = {
      id: `key-${randomBytes(7).toString('hex')}`,
      key: randomBytes(24).toString('hex'),
      createdBy,
      createTime: new Date().toISOString().replace(/\.\d+/, ''),
      fields,
    };
    this.#byText.set(apiKey.key, { apiKey, isDeleted: false, staleLookups: this.lag.created });
    return apiKey;
  }

  /** The keys that exist, the newest last. */
  all(): readonly ApiKey[] {
    return [...this.#byText.values()].filter(({ isDeleted }) => !isDeleted).map(({ apiKey }) => apiKey);
  }

  /** Knows each change at once, as the control plane does. */
  withText(key: string): ApiKey | undefined {
    const found = this.#byText.get(key);
    return found?.isDeleted === false ? found.apiKey : undefined;
  }

  delete({ key }: ApiKey): void {
    const found = this.#byText.get(key);
    if (found !== undefined) {
      this.firstDeletedAt ??= performance.now();
      found.isDeleted = true;
      // If the data plane has not noticed the creation, it never accepts the key.
      found.staleLookups = found.staleLookups === 0 ? this.lag.deleted : 0;
    }
  }

  /** Whether the cluster accepts the key. Counts as a lookup of this key. */
  opens(key: string, cluster: ClusterId): boolean {
    const found = this.#byText.get(key);
    if (found === undefined || !covers(found.apiKey.fields, cluster)) {
      return false;
    }
    if (found.staleLookups === 0) {
      return !found.isDeleted;
    }
    found.staleLookups--;
    return found.isDeleted;
  }
}

/** ASSUMPTION keys-scope */
function covers({ orgRole, projects }: KeyFields, cluster: ClusterId): boolean {
  return (
    orgRole === 'Owner' ||
    projects.some(
      ({ projectId, allCluster, clusterIds }) =>
        projectId === cluster.projectId && (allCluster || clusterIds.includes(cluster.clusterId)),
    )
  );
}
