import { readVersionUnlessDenied } from '../../protocol/credential/read-version.ts';
import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import {
  type ControlPlane,
  ControlPlaneError,
  type ControlPlaneSettings,
  type DescribedKey,
  type ProjectScope,
} from '../../protocol/keys/control-plane.ts';
import { findOrphans, keyIdOf } from '../../protocol/keys/orphans.ts';
import { controlPlaneFailure, RotationError } from '../../protocol/rotation/errors.ts';
import { openKeys, requireRotatable } from '../../protocol/rotation/open-keys.ts';
import { type ListedVersion, type SecretDescription, SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { FormOfCredential } from '../credential-forms/credential-form.ts';
import { formOf } from '../credential-forms/forms.ts';
import type { Explanation } from '../outcome/failure.ts';
import type { Finding } from './finding.ts';
import type { KnownStrategy, ManagerConfig } from './read-strategy.ts';
import type { VersionSearchPorts } from './search-versions.ts';

/**
 * What `--manager` allows: to read the manager secret, and to ask the control plane with its key.
 */
export interface ManagerPorts {
  readonly readSecret: (secretId: string) => Promise<string>;
  readonly connect: (managerKey: string, settings: ControlPlaneSettings) => ControlPlane;
}

/** The API keys of the organization, as the function sees them. */
export interface Organization {
  readonly kind: 'open';
  readonly controlPlane: ControlPlane;
  readonly keys: readonly DescribedKey[];
}

/** What the control plane knows about the keys of a secret. */
export interface KeysOfSecret {
  readonly kind: 'known';
  readonly count: number;
  /** The key in AWSCURRENT. */
  readonly current: DescribedKey | undefined;
  readonly previous: { readonly id: string; readonly exists: boolean } | undefined;
  readonly orphans: readonly DescribedKey[];
  /** Why a rotation would not copy the current key. */
  readonly refusal: Explanation | undefined;
}

interface SecretWithKey {
  readonly secret: SecretDescription;
  readonly current: UsableCredential | undefined;
  readonly versions: readonly ListedVersion[];
  readonly allListed: boolean;
  readonly strategy: KnownStrategy;
}

/** The finding if the keys are not known. */
export type UnknownKeys = Finding & { readonly kind?: undefined };

/**
 * Opens the control plane as the function does, and lists the keys.
 *
 * @param rotated AWSCURRENT, whose key must not be the manager key
 */
export async function openOrganization(
  rotated: Pick<UsableCredential, 'credentials'>,
  manager: ManagerConfig | undefined,
  { readSecret, connect }: ManagerPorts,
): Promise<Organization | UnknownKeys> {
  if (manager === undefined) {
    return undecidedKeys(
      'The command does not know the manager secret, because it could not read the configuration of the function.',
      'Allow lambda:GetFunctionConfiguration, and repeat the command.',
    );
  }
  const { secretArn, controlPlane: settings } = manager;
  const keys =
    secretArn === undefined
      ? undefined
      : {
          readManager: () => readSecret(secretArn),
          connect: (managerKey: string) => connect(managerKey, settings),
        };
  try {
    const controlPlane = await openKeys({ keys }, rotated);
    return { kind: 'open', controlPlane, keys: await controlPlane.list() };
  } catch (error) {
    return explainKeyError(error);
  }
}

/**
 * The keys of a secret, for `--manager`.
 *
 * @throws SecretStoreError
 */
export async function readKeys(
  { secret, current, versions, strategy, allListed }: SecretWithKey,
  ports: VersionSearchPorts & { readonly manager: ManagerPorts },
): Promise<KeysOfSecret | UnknownKeys | undefined> {
  if (current === undefined || !formOf(current.credentials).isPerVersion) {
    return undefined;
  }
  const opened = await openOrganization(current, strategy.manager, ports.manager);
  if (opened.kind === undefined) {
    return opened;
  }
  const { keys } = opened;
  const readOne = (versionId: string) => readVersionUnlessDenied(secret, versionId, ports);
  const previousId = holderOf(secret, AWSPREVIOUS);
  const previousKey = previousId === undefined ? undefined : keyIdOf(await readOne(previousId));
  const rotatable = orRefusal(() => requireRotatable(keys, current, secret, strategy.target), secret.name);
  return {
    kind: 'known',
    count: keys.length,
    current: keys.find(({ id }) => id === current.credentials.username),
    previous: previousKey === undefined ? undefined : describePrevious(previousKey, keys, formOf(current.credentials)),
    orphans: allListed
      ? await findOrphans(
          keys,
          secret,
          async () => await Promise.all(versions.map(({ versionId }) => readOne(versionId))),
        )
      : [],
    refusal: 'severity' in rotatable ? rotatable : undefined,
  };
}

/** An id that the control plane does not know may be a key in the wrong place. */
function describePrevious(
  id: string,
  keys: readonly DescribedKey[],
  { isPrintable }: FormOfCredential,
): KeysOfSecret['previous'] {
  const exists = keys.some((key) => key.id === id);
  return exists || isPrintable(id) ? { id, exists } : undefined;
}

/** @returns the answer, or why the function would refuse */
export function orRefusal<T>(ask: () => T, secretName: string): T | UnknownKeys {
  try {
    return ask();
  } catch (error) {
    const finding = explainKeyError(error);
    return { ...finding, advice: finding.advice.replaceAll(/\bSECRET\b/g, () => secretName) };
  }
}

/** @throws every error of another class */
export function explainKeyError(error: unknown): UnknownKeys {
  if (error instanceof ControlPlaneError) {
    return explainKeyError(controlPlaneFailure(error));
  }
  if (error instanceof RotationError) {
    const { code, message, advice } = error;
    const severity = code === 'CONTROL_PLANE_UNAVAILABLE' ? 'undecided' : 'problem';
    // A command that asks has changed nothing, and says so itself.
    const next = advice.replace(/^(Nothing was changed|AWSCURRENT was not moved)\. /, '');
    return { severity, code, message: message.slice(`${code}: `.length), advice: next };
  }
  if (error instanceof SecretStoreError || error instanceof AwsError) {
    return undecidedKeys(`The manager secret could not be read. ${error.message}`, 'Allow this command to read it.');
  }
  throw error;
}

function undecidedKeys(message: string, advice: string): UnknownKeys {
  return { severity: 'undecided', code: 'undecided', message, advice };
}

export function idsOf(keys: readonly DescribedKey[]): readonly string[] {
  return keys.map(({ id }) => id);
}

/** A key, its age, its role and its scope in one line. */
export function keyText({ id, name, createdAt, scope: { orgRole, projects } }: DescribedKey): string {
  const created = createdAt === undefined ? '' : `, created ${new Date(createdAt).toISOString()}`;
  return [`${id} "${name}"${created}: ${orgRole}`, ...projects.map(projectText)].join('; ');
}

function projectText({ projectId, role, allCluster, clusterIds, allVolume, volumeIds }: ProjectScope): string {
  const clusters = allCluster ? 'all clusters' : clusterIds.join(', ') || 'no cluster';
  const volumes = allVolume ? ', all volumes' : volumeIds.map((id) => `, ${id}`).join('');
  return `${projectId} ${role} on ${clusters}${volumes}`;
}
