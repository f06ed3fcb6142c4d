import { isLoopback } from '../cluster/endpoint.ts';
import { type ReadPorts, readVersion, readVersionUnlessDenied } from '../credential/read-version.ts';
import type { StoredCredential, UnusableCredential, UsableCredential } from '../credential/stored-credential.ts';
import { formOf } from '../secret/credential-form.ts';
import type { Pins } from '../secret/rotated-secrets.ts';
import { requirePinned } from './configured-secrets.ts';
import { RotationError } from './errors.ts';
import type { FailureCode } from './failures.ts';
import type { RotationPorts } from './ports.ts';
import type { Attempt, Strategy } from './strategies/strategy.ts';

/** Reads the version whose endpoint and user every other version is compared with. */
export async function requireCurrent(
  ports: RotationPorts,
  currentId: string,
  { description, pins, strategy }: Pick<Attempt, 'description' | 'pins' | 'strategy'>,
): Promise<UsableCredential> {
  const stored = await readVersion(description, currentId, readPorts(ports, pins));
  if (stored.kind === 'unusable') {
    throw unusable(stored, `The AWSCURRENT version ${currentId}`, 'CURRENT_INVALID', 'CURRENT_INVALID');
  }
  const { endpoint } = stored.credentials;
  if (!endpoint.tls && !isLoopback(endpoint.host)) {
    ports.report({ event: 'plaintext-endpoint', endpoint: endpoint.url });
  }
  requireForm(stored.credentials, strategy, `The AWSCURRENT version ${currentId}`);
  requirePinned(stored, pins, description.name, ports.config);
  return stored;
}

function requireForm(credentials: UsableCredential['credentials'], strategy: Strategy, version: string): void {
  const [held, rotated] = [formOf(credentials), formOf(strategy)];
  if (held !== rotated) {
    throw new RotationError(
      'CURRENT_INVALID',
      `${version} holds ${held.noun}, and the configuration names the strategy ${strategy.name}, which rotates ${rotated.noun}.`,
    );
  }
}

/** @returns undefined if the version holds no value yet. */
export async function readPending(
  ports: RotationPorts,
  { description, token, pins }: Attempt,
): Promise<UsableCredential | undefined> {
  const stored = await readVersion(description, token, readPorts(ports, pins));
  if (stored.kind === 'unusable' && stored.reason !== 'no-value') {
    throw unusable(stored, `The AWSPENDING version ${token}`, 'PENDING_INVALID', 'PENDING_MISSING');
  }
  return stored.kind === 'usable' ? stored : undefined;
}

/**
 * Milliseconds between reads of a version that was stored moments ago and may not be visible yet.
 * ASSUMPTION sm-pending-visible
 */
const VISIBILITY_PAUSES = [100, 200, 400, 800];

/** Reads the version that setSecret, testSecret and finishSecret compare with AWSCURRENT. */
export async function requirePending(ports: RotationPorts, attempt: Attempt): Promise<UsableCredential> {
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

function unusable(
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
