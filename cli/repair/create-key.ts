import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { type ControlPlane, ControlPlaneError, type CreatedKey, MAX_KEYS } from '../../protocol/keys/control-plane.ts';
import { keyDescription, keyName } from '../../protocol/keys/rotated-key.ts';
import { requireCopyable } from '../../protocol/rotation/open-keys.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { placeText } from '../aws/place.ts';
import { carryOut } from '../change/carry-out.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { planNewVersion } from '../change/plan-labels.ts';
import { type PlanStep, stepText } from '../change/step.ts';
import { formOf } from '../credential-forms/forms.ts';
import type { Examination } from '../examine/examination.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { explainKeyError, keyText, type ManagerPorts, openOrganization, orRefusal } from '../examine/keys.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Failure, failed, refused } from '../outcome/failure.ts';
import { type AskForConsent, askForPlan } from '../terminal/ask-for-plan.ts';
import { planOf } from './plan.ts';

interface CreateKeyPorts extends Omit<ChangePorts, 'secretId' | 'admin'> {
  readonly askForConsent: AskForConsent;
  readonly manager: ManagerPorts;
}

/**
 * Creates an API key with the role and scope of an existing one, and makes it AWSCURRENT. For a
 * secret of whose keys the cluster accepts none. If the key cannot become AWSCURRENT, it is deleted
 * again.
 *
 * @param like the id of the existing key
 * @throws AwsError, SecretStoreError
 */
export async function createKeyLike(
  examination: Examination,
  like: string,
  ports: CreateKeyPorts,
): Promise<Failure | 'carried-out'> {
  const { current, search, secret, secretId, strategy } = examination;
  if (current === undefined || !formOf(current.credentials).isPerVersion) {
    return refused(
      'no-api-key',
      'AWSCURRENT holds no API key.',
      'Nothing was changed. Run the command without --like.',
    );
  }
  if (search.kind !== 'none') {
    return search.kind === 'found'
      ? refused(
          'not-needed',
          'The cluster accepts a stored API key.',
          'Nothing was changed. Run the command without --like.',
        )
      : failureOfFinding(searchFinding(search));
  }
  const opened = await openOrganization(current, strategy.manager, ports.manager);
  if (opened.kind === undefined) {
    return failureOfFinding(opened);
  }
  const { controlPlane, keys } = opened;
  const copied = orRefusal(() => requireCopyable(keys, like), secret.name);
  if ('severity' in copied) {
    return refused(copied.code, copied.message, 'Nothing was changed. Name another key with --like.');
  }
  if (keys.length >= MAX_KEYS) {
    return refused(
      'KEY_QUOTA',
      `The organization has ${keys.length} of ${MAX_KEYS} API keys.`,
      'Nothing was changed. Delete API keys that nobody uses in the console of Zilliz Cloud, then repeat the command.',
    );
  }
  const versionId = ports.randomId();
  const planFor = (key: CreatedKey) => planOf(examination, stepsFor(examination, current, versionId, key), []);
  const planned = planFor({ id: 'new', key: '' });
  if (planned.kind !== 'plan') {
    return planned;
  }
  const plan = [
    `Create an API key with the role and scope of ${keyText(copied)}`,
    ...planned.steps.map((step) => stepText(step, secretId, undefined)),
    ...planned.remarks,
  ];
  const refusal = await askForPlan(plan, ports, { place: placeText(secret.arn) });
  if (refusal !== undefined) {
    return refusal;
  }
  const request = { name: keyName(secret, versionId), description: keyDescription(secret), scope: copied.scope };
  const created = await catchKnown(controlPlane.create(request), ControlPlaneError);
  if (created instanceof ControlPlaneError) {
    const { code, message } = explainKeyError(created);
    return failed(code, message, 'The secret was not changed. If the key was created, the next rotation deletes it.');
  }
  const { steps } = planFor(created) as typeof planned;
  const { propagationMs } = strategy;
  const failure = await carryOut(steps, { ...ports, secretId, admin: undefined, propagationMs });
  return failure === undefined
    ? 'carried-out'
    : await takeBack(failure, created.id, versionId, controlPlane, examination, ports);
}

const NEW_KEY_REJECTED = {
  code: 'new-key-rejected',
  message: 'The cluster, or one of its proxies, rejects the new API key.',
  advice:
    'Compare the scope of the key of --like with the cluster. If it includes the cluster, the cluster learns a new key too late: set PROPAGATION_MS of the function up to 60,000.',
} as const;

function stepsFor(
  examination: Examination,
  current: UsableCredential,
  versionId: string,
  { id, key }: CreatedKey,
): readonly PlanStep[] {
  const credentials: Credentials = { ...current.credentials, username: id, password: key };
  const value = current.withCredential({ username: id, password: key });
  const proof: PlanStep = { kind: 'log-in', credentials, user: 'the new API key', ifRejected: NEW_KEY_REJECTED };
  return planNewVersion(examination, { versionId, value, what: 'the new API key' }, [proof], current.versionId);
}

/** Deletes the created key, unless AWSCURRENT has moved to its version. */
async function takeBack(
  failure: Failure,
  keyId: string,
  versionId: string,
  controlPlane: ControlPlane,
  { secretId }: Examination,
  { aws }: CreateKeyPorts,
): Promise<Failure> {
  const secret = await catchKnown(aws.store(secretId).describe(), SecretStoreError);
  if (!(secret instanceof SecretStoreError) && holderOf(secret, AWSCURRENT) === versionId) {
    return failure;
  }
  // If AWS does not answer, the key may be current, so it stays.
  const deleted = secret instanceof Error ? secret : await catchKnown(controlPlane.delete(keyId), ControlPlaneError);
  const { message, advice } = failure;
  return deleted instanceof Error
    ? {
        ...failure,
        kind: 'failed',
        advice: `Delete the API key ${keyId} in the console of Zilliz Cloud, unless version ${versionId} is AWSCURRENT. ${advice}`,
      }
    : { ...failure, message: `${message} The created API key was deleted again.` };
}
