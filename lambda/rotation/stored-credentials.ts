import { type Endpoint, EndpointError, isLoopback, parseEndpoint } from '../../cluster/endpoint.ts';
import { DocumentError, ENDPOINT_TAG, parseDocument, type SecretDocument } from '../../secret/document.ts';
import { targetFor } from '../../secret/rotated-secrets.ts';
import type { SecretDescription } from '../../secret/store.ts';
import { AWSPENDING, sentLabel } from '../../secret/versions.ts';
import { requireTarget } from './configured-secrets.ts';
import { RotationError } from './errors.ts';
import type { RotationPorts, RotationSettings, StoredCredential } from './ports.ts';

/** What both steps and candidates are measured against: the host and user that the current version names. */
export async function readCurrent(
  ports: RotationPorts,
  description: SecretDescription,
  currentId: string,
): Promise<StoredCredential> {
  const text = await ports.store.read(currentId);
  if (text === undefined) {
    throw new RotationError('CURRENT_INVALID', `The AWSCURRENT version ${currentId} holds no value.`);
  }
  try {
    const document = parseDocument(text);
    const endpoint = endpointOf(document, description, ports.settings);
    if (!endpoint.tls && !isLoopback(endpoint.host)) {
      ports.report({ event: 'plaintext-endpoint', endpoint: endpoint.url });
    }
    const current = stored(currentId, document, endpoint);
    requireTarget(current, description, ports.settings);
    return current;
  } catch (error) {
    throw asRotationError(error, 'CURRENT_INVALID', `The AWSCURRENT version ${currentId}`);
  }
}

/** Milliseconds between looks for a version that was stored moments ago and may not be visible yet. */
const VISIBLE_AFTER = [100, 200, 400, 800];

/** @throws RotationError as {@link pendingFrom} does. */
async function readPending(
  ports: RotationPorts,
  description: SecretDescription,
  current: StoredCredential,
  token: string,
): Promise<StoredCredential> {
  let text = await ports.store.read(token);
  for (const pause of VISIBLE_AFTER) {
    if (text !== undefined) {
      break;
    }
    await ports.clock.wait(pause);
    text = await ports.store.read(token);
  }
  if (text === undefined) {
    throw new RotationError('PENDING_MISSING', `The AWSPENDING version ${token} holds no value yet.`);
  }
  return await pendingFrom(ports, text, description, current, token);
}

/**
 * A pending version must be the current one with another password, and nothing else.
 *
 * One that we made and that is not (any more) tells that a person edited the current version while we made it. Their
 * edit stands: AWSPENDING goes back, so that the next rotation starts from the edited value. The sent label stays.
 *
 * @throws RotationError CURRENT_MOVED then, and PENDING_MISMATCH when somebody else stored a version that names another
 * host or user: that is left as it is, for people to look at.
 */
export async function pendingFrom(
  ports: RotationPorts,
  text: string,
  description: SecretDescription,
  current: StoredCredential,
  token: string,
): Promise<StoredCredential> {
  const pending = parsePending(text, ports.settings, description, token);
  const here = sameTarget(pending, current);
  if (here && pending.withPassword('') === current.withPassword('')) {
    return pending;
  }
  if (here || description.versions.some(({ labels }) => labels.includes(sentLabel(token)))) {
    await ports.store.removeLabel({ label: AWSPENDING, from: token });
    throw new RotationError(
      'CURRENT_MOVED',
      `The AWSCURRENT version ${current.versionId} was edited after ${token} had been made from another, so ${token} gave AWSPENDING back.`,
    );
  }
  const [named, wanted] = [pending.credentials, current.credentials];
  throw new RotationError(
    'PENDING_MISMATCH',
    `The AWSPENDING version ${token} names ${named.username} at ${named.endpoint.url}, the AWSCURRENT version ${wanted.username} at ${wanted.endpoint.url}.`,
  );
}

function parsePending(
  text: string,
  settings: RotationSettings,
  description: SecretDescription,
  token: string,
): StoredCredential {
  try {
    const document = parseDocument(text);
    return stored(token, document, endpointOf(document, description, settings));
  } catch (error) {
    throw asRotationError(error, 'PENDING_INVALID', `The AWSPENDING version ${token}`);
  }
}

/** What every step after createSecret starts from. */
export async function readBoth(
  ports: RotationPorts,
  description: SecretDescription,
  currentId: string,
  token: string,
): Promise<{ current: StoredCredential; pending: StoredCredential }> {
  const current = await readCurrent(ports, description, currentId);
  return { current, pending: await readPending(ports, description, current, token) };
}

/** Reads any other version; tells why it cannot be tried instead of failing, since it may be old, foreign or gone. */
export async function readCandidate(
  ports: RotationPorts,
  description: SecretDescription,
  current: StoredCredential,
  versionId: string,
): Promise<StoredCredential | { unfit: 'unreadable' | 'not a credential' | 'other host or user' }> {
  const text = await ports.store.read(versionId);
  if (text === undefined) {
    return { unfit: 'unreadable' };
  }
  try {
    const document = parseDocument(text);
    const candidate = stored(versionId, document, endpointOf(document, description, ports.settings));
    return sameTarget(candidate, current) ? candidate : { unfit: 'other host or user' };
  } catch (error) {
    if (error instanceof DocumentError || error instanceof EndpointError) {
      return { unfit: error instanceof DocumentError ? 'not a credential' : 'other host or user' };
    }
    throw error;
  }
}

function stored(versionId: string, document: SecretDocument, endpoint: Endpoint): StoredCredential {
  return {
    versionId,
    credentials: { endpoint, username: document.username, password: document.password },
    withPassword: document.withPassword,
  };
}

function sameTarget(a: StoredCredential, b: StoredCredential): boolean {
  return a.credentials.endpoint.url === b.credentials.endpoint.url && a.credentials.username === b.credentials.username;
}

function endpointOf(document: SecretDocument, description: SecretDescription, settings: RotationSettings): Endpoint {
  const text =
    document.endpoint ??
    description.tags[ENDPOINT_TAG] ??
    targetFor(description.name, settings.secretTargets).endpoint ??
    settings.defaultEndpoint;
  if (text === undefined) {
    throw new EndpointError(
      `The secret names no endpoint. Add the key "endpoint" to a JSON secret or the tag ${ENDPOINT_TAG} to a plain one, or write it in the configuration of the function.`,
    );
  }
  return parseEndpoint(text, settings.endpointRules);
}

function asRotationError(error: unknown, code: 'CURRENT_INVALID' | 'PENDING_INVALID', what: string): unknown {
  if (error instanceof DocumentError) {
    return new RotationError(code, `${what} is not a credential. ${error.message}`);
  }
  if (error instanceof EndpointError) {
    return new RotationError('ENDPOINT_REFUSED', `${what} cannot be used. ${error.message}`);
  }
  return error;
}
