import type { KeyScope } from '../../protocol/keys/control-plane.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import { InMemoryCluster } from './in-memory-cluster.ts';
import { InMemoryControlPlane } from './in-memory-control-plane.ts';
import { ENDPOINT, RotationWorld } from './rotation-world.ts';

export const SCOPE: KeyScope = {
  orgRole: 'Member',
  projects: [
    {
      projectId: 'proj-1',
      role: 'Read-Write',
      allCluster: false,
      clusterIds: ['in01-1', 'in01-2'],
      allVolume: false,
      volumeIds: [],
    },
  ],
};

/** A secret with an API key that a person created, and the organization of the key. */
export class KeyWorld extends RotationWorld {
  readonly organization: InMemoryControlPlane;
  /** The key with which the rotation of the secret began. */
  readonly first: { readonly id: string; readonly key: string };
  /** The value of the manager secret. */
  managerKey = 'manager-key-0123456789';
  /** Where the command has sent the manager key. */
  readonly controlPlaneUrls: string[] = [];

  constructor(more: Record<string, unknown> = {}, cluster: InMemoryCluster = new InMemoryCluster()) {
    const organization = new InMemoryControlPlane();
    const first = organization.createByHand({ name: 'orders', description: 'by hand', scope: SCOPE });
    super(keyDocument(first, more), cluster);
    this.organization = organization;
    this.first = first;
    organization.now = () => this.now;
    this.cluster.acceptsKey = (key) => organization.accepts(key);
    this.readSecret = () => Promise.resolve(this.managerKey);
    this.connectControlPlane = () => this.organization;
    this.configure({ managerSecretArn: 'arn:manager' });
    this.pins = { endpoint: ENDPOINT, apiKeyId: first.id };
  }

  /** The id of the key in the version with this label. */
  keyIdIn(label: string): string | undefined {
    return this.usernameIn(label);
  }

  /** Whether an application that uses the version with this label can log in. */
  override logsIn(label: string): boolean {
    return this.organization.accepts(this.passwordIn(label) ?? '');
  }

  /** The ids of all keys that exist. */
  async keyIds(): Promise<readonly string[]> {
    return (await this.organization.list()).map(({ id }) => id).toSorted();
  }

  /** The value of a version as applications read it. */
  documentOf(versionId: string): Record<string, unknown> {
    return JSON.parse(this.secret.valueOf(versionId) ?? '{}') as Record<string, unknown>;
  }
}

export function keyDocument({ id, key }: { readonly id: string; readonly key: string }, more: object = {}): string {
  const value = newDocument({ endpoint: ENDPOINT, form: 'api-key', username: id, password: key });
  return JSON.stringify({ ...(JSON.parse(value) as object), ...more });
}
