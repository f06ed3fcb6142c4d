import { type ReadPorts, readVersion, readVersionUnlessDenied } from '../credential/read-version.ts';
import type { StoredCredential, UnusableCredential } from '../credential/stored-credential.ts';
import type { Pins } from '../secret/rotated-secrets.ts';
import { RotationError } from './errors.ts';
import type { FailureCode } from './failures.ts';
import type { RotationPorts } from './ports.ts';
import type { Attempt, PendingAttempt } from './strategies/strategy.ts';

/** @returns undefined if the version holds no value yet. */
export async function readPending(ports: RotationPorts, attempt: Attempt): Promise<PendingAttempt | undefined> {
  const { description, token, pins } = attempt;
  const stored = await readVersion(description, token, readPorts(ports, pins));
  if (stored.kind === 'unusable' && stored.reason !== 'no-value') {
    throw unusable(stored, `The AWSPENDING version ${token}`, 'PENDING_INVALID', 'PENDING_MISSING');
  }
  return stored.kind === 'usable' ? { ...attempt, pending: stored } : undefined;
}

/**
 * Milliseconds between reads of a version that was stored moments ago and may not be visible yet.
 * ASSUMPTION sm-pending-visible
 */
const VISIBILITY_PAUSES = [100, 200, 400, 800];

/** Reads the version that setSecret, testSecret and finishSecret compare with AWSCURRENT. */
export async function requirePending(ports: RotationPorts, attempt: Attempt): Promise<PendingAttempt> {
  let pending = await readPending(ports, attempt);
  for (const pause of VISIBILITY_PAUSES) {
    if (pending !== undefined) {
      break;
    }
    await ports.clock.wait(pause);
    pending = await readPending(ports, attempt);
  }
  if (pending === undefined) {
    throw new RotationError('PENDING_MISSING', `The AWSPENDING version ${attempt.token} holds no value yet.`);
  }
  return pending;
}

/** Reads every version, also one with a label that the list of versions lacks. */
export async function readEveryVersion(
  ports: RotationPorts,
  { description: secret, pins }: Pick<Attempt, 'description' | 'pins'>,
  except?: string,
): Promise<readonly StoredCredential[]> {
  const versions = [...secret.versions, ...(await ports.store.list())].map(({ versionId }) => versionId);
  const others = [...new Set(versions)].filter((versionId) => versionId !== except);
  return await Promise.all(
    others.map((versionId) => readVersionUnlessDenied(secret, versionId, readPorts(ports, pins))),
  );
}

/** What reads the versions of the secret. */
export function readPorts({ store, config }: RotationPorts, pins: Pins): ReadPorts {
  return {
    store,
    endpoints: {
      rules: config.endpointRules,
      configured: pins.endpoint ?? config.defaultEndpoint,
      howToConfigure: 'set the endpoint in the configuration of the function',
    },
  };
}

/** The error of a version that must hold a credential. */
export function unusable(
  { reason, problem }: UnusableCredential,
  version: string,
  invalid: FailureCode,
  missing: FailureCode,
): RotationError {
  switch (reason) {
    case 'no-value':
      return new RotationError(missing, `${version} holds no value.`);
    case 'denied':
      return new RotationError('SECRETS_MANAGER_DENIED', problem);
    case 'document':
      return new RotationError(invalid, `${version} is not a credential. ${problem}`);
    case 'endpoint':
      return new RotationError('ENDPOINT_REFUSED', `${version} cannot be used. ${problem}`);
  }
}
