import { EndpointError } from '../../protocol/cluster/endpoint.ts';
import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import {
  type ControlPlane,
  ControlPlaneError,
  type DescribedKey,
  type ProjectScope,
} from '../../protocol/keys/control-plane.ts';
import { findOrphans, keyIdOf } from '../../protocol/keys/rotated-key.ts';
import { RotationError, toRotationError } from '../../protocol/rotation/errors.ts';
import { adviceOn } from '../../protocol/rotation/failures.ts';
import type { FunctionConfig } from '../../protocol/rotation/function-config.ts';
import { openKeys, requireRotatable } from '../../protocol/rotation/open-keys.ts';
import type { RotationPorts } from '../../protocol/rotation/ports.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import { AwsError } from '../aws/aws-error.ts';
import { commandForm } from '../credential-forms.ts';
import { type Finding, undecided } from './finding.ts';
import type { KnownSecret } from './search-versions.ts';

/** The manager secret, and where its key asks. */
export type Manager = Pick<FunctionConfig, 'managerSecretArn' | 'controlPlane'>;

/**
 * What `--manager` allows: to read the manager secret, and to ask the control plane with its key.
 *
 * @throws EndpointError if no manager key may go to this control plane. Anybody who may create a
 * function and a secret can name another one, and any manager secret that the operator may read
 */
export type ManagerPorts = (manager: Manager) => Pick<RotationPorts, 'readSecret'> & {
  readonly connectControlPlane: (managerKey: string) => ControlPlane;
};

export interface KeysOfSecret {
  readonly controlPlane: ControlPlane;
  /** The keys of the organization. */
  readonly listed: readonly DescribedKey[];
  /** The key in AWSCURRENT. */
  readonly current: DescribedKey | undefined;
  readonly previous: { readonly id: string; readonly exists: boolean } | undefined;
  readonly orphans: readonly DescribedKey[];
  /** Why a rotation would not copy the current key. */
  readonly refusal: Finding | undefined;
}

/**
 * Opens the control plane as the function does, and lists the keys.
 *
 * @param rotated whose key must not be the manager key
 * @throws EndpointError before the manager secret is read
 */
export async function openOrganization(
  rotated: Pick<UsableCredential, 'credentials'>,
  manager: Manager,
  ports: ManagerPorts,
): Promise<Pick<KeysOfSecret, 'controlPlane' | 'listed'>> {
  const controlPlane = await openKeys({ config: manager, ...ports(manager) }, rotated);
  return { controlPlane, listed: await controlPlane.list() };
}

/**
 * The keys of a secret, for `--manager`, or why they are not known.
 *
 * @throws SecretStoreError
 */
export async function readKeys(
  { secret, current, versions, allListed, strategy, read }: KnownSecret,
  manager: ManagerPorts,
): Promise<KeysOfSecret | Finding | undefined> {
  const { config, pins } = strategy;
  if (current === undefined || keyIdOf(current) === undefined) {
    return undefined;
  }
  if (config === undefined) {
    return undecided(
      'The command does not know the manager secret, because it could not read the configuration of the function.',
      'Allow lambda:GetFunctionConfiguration, and repeat the command.',
    );
  }
  const opened = await orFinding(() => openOrganization(current, config, manager), secret.name);
  if ('severity' in opened) {
    return opened;
  }
  const { listed } = opened;
  const readAll = async () => await Promise.all(versions.map(({ versionId }) => read(versionId)));
  const previousId = holderOf(secret, AWSPREVIOUS);
  const previous = previousId && keyIdOf(await read(previousId));
  const exists = listed.some(({ id }) => id === previous);
  const rotatable = await orFinding(() => requireRotatable(listed, current, secret, pins), secret.name);
  return {
    ...opened,
    current: listed.find(({ id }) => id === keyIdOf(current)),
    // An id that the control plane does not know may be a key in the wrong place.
    previous:
      previous && (exists || commandForm(current.credentials).isPrintable(previous))
        ? { id: previous, exists }
        : undefined,
    orphans: allListed ? await findOrphans(listed, secret, readAll) : [],
    refusal: 'severity' in rotatable ? rotatable : undefined,
  };
}

/**
 * @returns the answer, or why the function would refuse or the control plane does
 * @throws every error of another class
 */
export async function orFinding<T>(ask: () => T | Promise<T>, secretName: string): Promise<T | Finding> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SecretStoreError || error instanceof AwsError) {
      return undecided(
        `The manager secret could not be read. ${error.message}`,
        'Check the name of the secret, and allow this command to read it.',
      );
    }
    if (error instanceof EndpointError) {
      return undecided(`The manager key was not sent to the control plane of the function. ${error.message}`, ALLOW);
    }
    if (!(error instanceof ControlPlaneError || error instanceof RotationError)) {
      throw error;
    }
    const { code, message, advice } = toRotationError(error);
    return {
      severity: code === 'CONTROL_PLANE_UNAVAILABLE' ? 'undecided' : 'problem',
      code,
      message: message.slice(`${code}: `.length),
      // A command that asks has changed nothing, and says so itself.
      advice: adviceOn(secretName, advice.replace(/^(Nothing was changed|AWSCURRENT was not moved)\. /, '')),
    };
  }
}

const ALLOW =
  'Find out who deployed the function. If the control plane is your own, allow its host with --allow-endpoint HOST.';

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
