import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { DEFAULT_PROPAGATION_MS, logIn, loginsInARow } from '../../protocol/cluster/login.ts';
import type { StoredCredential } from '../../protocol/credential/stored-credential.ts';
import { keyIdOf } from '../../protocol/keys/rotated-key.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { toLoginPorts } from '../cluster/login-with-check.ts';
import { nameOf } from '../credential-forms.ts';
import { catchKnown, truncatedList } from '../outcome/failure.ts';
import type { NotProven } from './outcome.ts';
import type { RotatePorts } from './rotate-ports.ts';
import type { Started } from './start-rotation.ts';

const DELETION_MS = 20_000;

const PAUSE_MS = 1000;

/**
 * Logs in with each API key that a stored version names, except the one in AWSCURRENT, until the
 * cluster refuses it several times in a row, or must have heard of its deletion.
 *
 * @returns a note, or why the revocation is not proven
 */
export async function proveRevocation(started: Started, ports: RotatePorts): Promise<string | NotProven> {
  const { previous, secret, strategy } = started;
  const { clock, showProgress } = ports;
  const found = await storedKeys(started);
  const keys = typeof found === 'string' ? [previous.credentials] : found;
  const until = clock.now() + DELETION_MS + (strategy.config?.propagationMs ?? DEFAULT_PROPAGATION_MS);
  for (const credentials of keys) {
    showProgress?.(`logging in with the replaced ${nameOf(credentials)}, until it is refused`);
    const problem = await waitForRefusal(credentials, until, secret.name, ports);
    if (problem !== undefined) {
      return problem;
    }
  }
  const { url } = previous.credentials.endpoint;
  const proof = `The function deleted the replaced key. ${url} refuses ${truncatedList(keys.map(nameOf))}.`;
  return typeof found === 'string' ? unproven(secret.name, `${proof} ${found}`) : proof;
}

/** @returns the replaced key and those in other versions, or why these are not known */
async function storedKeys({
  secret,
  versionId,
  previous,
  aws,
  read,
}: Started): Promise<readonly Credentials[] | string> {
  const listed = await catchKnown(aws.store(secret.arn).list(), SecretStoreError);
  if (listed instanceof SecretStoreError) {
    return listed.message;
  }
  const keys = new Map([[previous.credentials.password, previous.credentials]]);
  for (const version of listed.filter((each) => each.versionId !== versionId)) {
    const stored = await catchKnown(read(version.versionId), SecretStoreError);
    if (stored instanceof SecretStoreError) {
      return stored.message;
    }
    if (mayHoldKey(stored)) {
      if (stored.kind === 'unusable') {
        return `Version ${version.versionId} may hold another key. ${stored.problem}`;
      }
      keys.set(stored.credentials.password, stored.credentials);
    }
  }
  return [...keys.values()];
}

/** @returns why the cluster does not refuse the key for certain */
async function waitForRefusal(
  credentials: Credentials,
  until: number,
  secretName: string,
  ports: RotatePorts,
): Promise<NotProven | undefined> {
  const { clock, interrupted } = ports;
  for (let refusals = 0, isLate = false; ; ) {
    const login = await logIn(toLoginPorts(ports), credentials);
    if (login.kind === 'rejected') {
      refusals += 1;
      if (refusals === loginsInARow(isLate)) {
        return undefined;
      }
      continue;
    }
    refusals = 0;
    isLate ||= login.kind === 'accepted';
    if (interrupted.aborted || clock.now() >= until) {
      const key = `${nameOf(credentials)} at ${credentials.endpoint.url}`;
      return login.kind === 'undecided'
        ? unproven(secretName, `It is not known whether the cluster still accepts ${key}. ${login.explanation}`)
        : {
            kind: 'failed',
            code: 'still-accepted',
            message: `AWSCURRENT of ${secretName} has moved, and the cluster still accepts ${key}.`,
            advice: HOW_TO_REVOKE,
          };
    }
    await clock.sleep(PAUSE_MS, interrupted);
  }
}

const HOW_TO_REVOKE =
  'Delete the key in the console of Zilliz Cloud. Or repeat the command: it replaces the key again, and deletes all earlier ones of this secret.';

function unproven(secretName: string, reason: string): NotProven {
  const message = `AWSCURRENT of ${secretName} has moved. This command could not prove that every earlier key is refused. ${reason}`;
  return { kind: 'unconfirmed', code: 'revocation-unproven', message, advice: HOW_TO_REVOKE };
}

/** Whether a version names a key, or could: AWS denies it, or its text is broken JSON. */
function mayHoldKey(stored: StoredCredential): boolean {
  const isUnknown = stored.kind === 'unusable' && (stored.reason === 'denied' || stored.mentions !== undefined);
  return isUnknown || keyIdOf(stored) !== undefined;
}
