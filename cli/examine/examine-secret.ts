import type { Cluster, Credentials } from '../../cluster/cluster.ts';
import {
  type EndpointOptions,
  readStoredCredential,
  type UnusableCredential,
} from '../../credential/stored-credential.ts';
import { type SecretStore, SecretStoreError, type VersionLabels } from '../../secret/store.ts';
import { AWSCURRENT, holderOf } from '../../secret/versions.ts';
import type { Aws } from '../aws/aws.ts';
import type { RotatingSecret } from '../aws/rotation-service.ts';
import { explainError } from '../explain-error.ts';
import type { Explained } from '../explained.ts';
import { type TriedVersions, tryVersions } from './try-versions.ts';

/** `unusable`: AWSCURRENT names no cluster and user to ask, and `problem` says why. */
export type ClusterState = TriedVersions | UnusableCredential;

export interface StoredVersion extends VersionLabels {
  /** Milliseconds since the epoch; `undefined` where Secrets Manager does not say. */
  readonly createdAt: number | undefined;
}

/** One secret, looked at from both sides. */
export interface Examination {
  readonly kind: 'examined';
  /** As the operator named it. */
  readonly secretId: string;
  readonly secret: RotatingSecret;
  /** Labelled and label-less versions, newest first. */
  readonly versions: readonly StoredVersion[];
  /** False when Secrets Manager did not let the label-less ones be listed. */
  readonly allListed: boolean;
  /** Whom AWSCURRENT is for; `undefined` when it cannot be told. */
  readonly current: Credentials | undefined;
  readonly cluster: ClusterState;
  readonly notes: readonly string[];
}

export type Examined = Examination | ({ kind: 'refused'; secretId: string } & Explained);

export interface ExaminePorts {
  readonly aws: Aws;
  readonly cluster: Cluster;
  readonly interrupted: AbortSignal;
  readonly randomId: () => string;
}

/** Reads the secret and asks the cluster; changes nothing on either. */
export async function examineSecret(
  secretId: string,
  options: EndpointOptions,
  ports: ExaminePorts,
): Promise<Examined> {
  try {
    const secret = await ports.aws.rotation.describe(secretId);
    const store = ports.aws.store(secretId);
    const notes: string[] = [];
    const { versions, allListed } = await listVersions(secret, store, notes);
    const base = { kind: 'examined', secretId, secret, versions, allListed, notes } as const;
    const currentId = holderOf(secret, AWSCURRENT);
    const text = currentId === undefined ? undefined : await store.read(currentId);
    if (currentId === undefined || text === undefined) {
      const problem = 'The secret holds no AWSCURRENT value.';
      return { ...base, current: undefined, cluster: { kind: 'unusable', reason: 'no-value', problem } };
    }
    const stored = readStoredCredential({ versionId: currentId, text, tags: secret.tags }, options);
    if (stored.kind === 'unusable') {
      return { ...base, current: undefined, cluster: stored };
    }
    const current = stored.credentials;
    const listed = versions.map((version) => ({ ...version, createdAt: version.createdAt ?? 0 }));
    const cluster = await tryVersions(secret, listed, current, options, { ...ports, store });
    return { ...base, current, cluster };
  } catch (error) {
    return { kind: 'refused', secretId, ...explainError(error) };
  }
}

/** Without the permission to list, the labelled versions, which are the likelier ones by far. */
async function listVersions(
  secret: RotatingSecret,
  store: SecretStore,
  notes: string[],
): Promise<Pick<Examination, 'versions' | 'allListed'>> {
  try {
    const listed = await store.list();
    // Secrets Manager leaves empty versions out of the list. They are the newest: a rotation has just made them.
    const empty = secret.versions.filter(({ versionId }) => !listed.some((version) => version.versionId === versionId));
    const versions = [
      ...empty.map((version) => ({ ...version, createdAt: undefined })),
      ...listed.toSorted((a, b) => b.createdAt - a.createdAt),
    ];
    return { versions, allListed: true };
  } catch (error) {
    if (!(error instanceof SecretStoreError)) {
      throw error;
    }
    notes.push(`Versions without a label could not be listed, so none of them was tried. ${error.message}`);
    return { versions: secret.versions.map((version) => ({ ...version, createdAt: undefined })), allListed: false };
  }
}
