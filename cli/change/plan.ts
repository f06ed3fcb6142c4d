import { differsInCredentialOnly, type UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT, holderOf, lacksSentLabel } from '../../protocol/secret/versions.ts';
import { nameOf } from '../credential-forms.ts';
import type { KnownStrategy } from '../examine/read-strategy.ts';
import type { ChangePorts } from './change-ports.ts';
import { type Labels, remarksOn, unblock, withRoom } from './plan-labels.ts';
import { type Proven, proveByLogin } from './prove-by-login.ts';
import {
  addSentLabel,
  createNewSecret,
  type NewVersion,
  promote,
  sendEvent,
  storeCurrent,
  storeVersion,
} from './secret-steps.ts';
import type { Plan, PlanStep } from './step.ts';

/** The secret and its cluster before a plan, as far as an examination knows them. */
export interface Observed extends Omit<Labels, 'secret'> {
  /** `undefined`: the secret does not exist. */
  readonly secret: Labels['secret'] | undefined;
  readonly strategy: KnownStrategy | undefined;
  /**
   * The value from which new versions are made: AWSCURRENT, or another version if AWSCURRENT is
   * wrong. `undefined`: a new document.
   */
  readonly current: UsableCredential | undefined;
  /** More keys of a new document. */
  readonly others?: Readonly<Record<string, unknown>> | undefined;
}

/** A credential that a version of the secret shall hold. */
export interface WantedCredential extends Proven {
  /** The version that holds the credential. `undefined`: the plan stores it. */
  readonly version?: UsableCredential | undefined;
  /** What the plan stores, as an object of "Store". @default the credential of the user */
  readonly what?: string;
  /** How an admin makes the cluster accept the credential. `undefined`: the cluster accepts it. */
  readonly change?: PlanStep | undefined;
  /** How an admin grants the roles that the user lacks. */
  readonly grant?: PlanStep | undefined;
}

export interface Wanted {
  /** Becomes or stays AWSCURRENT. */
  readonly current: WantedCredential | undefined;
  /** Of the user that takes turns with it. Its version has no label of AWS, so AWSCURRENT stays. */
  readonly other?: WantedCredential | undefined;
  /** Whether a rotation may be running, so that AWSPENDING stays beside an accepted AWSCURRENT. */
  readonly keepsPending?: boolean | undefined;
  /** What the operator should know before a yes. */
  readonly remarks?: readonly string[];
  /** How the command ends if the owner must make room for labels. @default `failed` */
  readonly ifFull?: 'refused';
}

/**
 * Plans the changes of a secret and its cluster. A password is stored before the cluster gets it,
 * and AWSCURRENT moves after a login has proven its credential. The last steps prove each accepted
 * credential that no other step proves.
 *
 * @returns no step if nothing is to be done
 * @throws FailureError
 */
export function planChange(
  observed: Observed,
  wanted: Wanted,
  ports: Pick<ChangePorts, 'secretId' | 'randomId'>,
): Plan {
  const { current, other, ifFull = 'failed' } = wanted;
  const { secret } = observed;
  const ofCurrent = current === undefined ? [] : planCurrent(current, observed, wanted, ports);
  const ofOther = other === undefined ? [] : planOther(other, observed, ofCurrent, ports);
  const planned = [...ofCurrent, ...ofOther];
  const stores = secret === undefined ? planned : withRoom({ ...observed, secret }, planned, ifFull);
  const users = [current, other].filter((user) => user !== undefined);
  const changes = users
    .flatMap(({ change, grant }) => [change, grant])
    .filter((step) => step !== undefined)
    .filter((step) => !planned.includes(step));
  const steps = [...stores, ...changes];
  const isProven = ({ credentials }: WantedCredential): boolean =>
    steps.some((step) => step.kind === 'log-in' && step.credentials?.username === credentials.username);
  const unproven = steps.length === 0 ? [] : users.filter((user) => user.change === undefined && !isProven(user));
  return {
    steps: [...steps, ...unproven.map(proveByLogin)],
    remarks: [...(wanted.remarks ?? []), ...(secret === undefined ? [] : remarksOn(steps, { secret }))],
    propagationMs: observed.strategy?.config?.propagationMs,
  };
}

/**
 * AWSCURRENT moves before other labels, because applications read a wrong password until then. If
 * somebody edited AWSCURRENT in more than the credential, a move would undo the edit, so a new
 * version gets the edited value and the accepted credential.
 */
function planCurrent(
  wanted: WantedCredential,
  observed: Observed,
  { keepsPending }: Wanted,
  { secretId, randomId }: Pick<ChangePorts, 'secretId' | 'randomId'>,
): readonly PlanStep[] {
  const { secret, current: base, strategy } = observed;
  const { version, change } = wanted;
  if (secret === undefined) {
    return [createNewSecret(secretId, newVersion(wanted, observed, randomId), wanted.credentials.endpoint.url)];
  }
  const labels = { ...observed, secret };
  const from = holderOf(secret, AWSCURRENT);
  if (from === undefined) {
    const added = newVersion(wanted, observed, randomId);
    return [storeCurrent(added), ...unblock(labels, added.versionId)];
  }
  if (version?.versionId === from) {
    // A rotation that runs may be changing the password, and applications read it in AWSPENDING.
    const steps = keepsPending && change === undefined ? [] : unblock(labels, from);
    return steps.length === 0 || change !== undefined ? steps : [proveByLogin(wanted), ...steps];
  }
  const isEdited = version !== undefined && base?.versionId === from && !differsInCredentialOnly(version, base);
  const what = `the edited value of AWSCURRENT (version ${from}) with the credential of version ${version?.versionId}`;
  const kept = isEdited ? undefined : version;
  const next = kept ?? newVersion(isEdited ? { ...wanted, what } : wanted, observed, randomId);
  const { versionId } = next;
  return [
    ...('value' in next ? [storeVersion(next)] : []),
    ...(change === undefined ? [] : [change]),
    proveByLogin(wanted),
    promote(versionId, from),
    ...(strategy?.config?.rotatedEvents
      ? [sendEvent({ secretArn: secret.arn, secretName: secret.name, versionId })]
      : []),
    ...unblock(labels, versionId),
  ];
}

function planOther(
  wanted: WantedCredential,
  observed: Observed,
  planned: readonly PlanStep[],
  { randomId }: Pick<ChangePorts, 'randomId'>,
): readonly PlanStep[] {
  const { version } = wanted;
  if (version === undefined) {
    return [storeVersion(newVersion(wanted, observed, randomId))];
  }
  // Secrets Manager may delete a version without a label.
  const { versionId } = version;
  const isPlanned = planned.some((step) => step.kind === 'add-sent-label' && step.versionId === versionId);
  const { secret } = observed;
  return secret === undefined || isPlanned || !lacksSentLabel(secret, versionId) ? [] : [addSentLabel(versionId)];
}

function newVersion(
  { credentials, user = nameOf(credentials), what = `the credential of ${user}` }: WantedCredential,
  { current: base, others }: Observed,
  randomId: () => string,
): NewVersion {
  const { endpoint, username, password } = credentials;
  const value =
    base?.withCredential({ username, password }) ?? newDocument({ ...credentials, endpoint: endpoint.url }, others);
  return { versionId: randomId(), value, what };
}
