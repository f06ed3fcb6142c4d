import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { type ControlPlane, ControlPlaneError, type CreatedKey } from '../../protocol/keys/control-plane.ts';
import { keyDescription, keyName } from '../../protocol/keys/rotated-key.ts';
import { requireCopyable, requireRoom } from '../../protocol/rotation/open-keys.ts';
import { type SecretStore, SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import { placeText } from '../aws/place.ts';
import { carryOut } from '../change/carry-out.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { planChange } from '../change/plan.ts';
import { planTexts } from '../change/step.ts';
import type { Examination } from '../examine/examination.ts';
import { endWithFinding } from '../examine/finding.ts';
import { type KeysOfSecret, keyText, orFinding } from '../examine/keys.ts';
import { catchKnown, endWith, type Failure, FailureError, failed } from '../outcome/failure.ts';

/**
 * Creates an API key with the role and scope of an existing one, and makes it AWSCURRENT. For a
 * secret of whose keys the cluster accepts none. If the key cannot become AWSCURRENT, it is deleted
 * again.
 *
 * @param like the id of the existing key
 * @throws FailureError, AwsError, SecretStoreError
 */
export async function createKeyLike(
  like: string,
  { controlPlane, listed }: KeysOfSecret,
  current: UsableCredential,
  examination: Examination,
  ports: ChangePorts,
): Promise<void> {
  const { secret, secretId } = examination;
  const versionId = ports.randomId();
  const copied = await orFinding(() => {
    requireRoom(listed.length);
    return requireCopyable(listed, like);
  }, secret.name);
  if ('severity' in copied) {
    endWithFinding(copied, 'refused');
  }
  const planFor = ({ id: username, key: password }: CreatedKey) => {
    const user = 'the new API key';
    const credentials = { ...current.credentials, username, password };
    const wanted = { current: { credentials, user, what: user, ifRejected: NEW_KEY_REJECTED } };
    return planChange(examination, wanted, { secretId, randomId: () => versionId });
  };
  const planned = planFor({ id: 'new', key: '' });
  const plan = [`Create an API key with the role and scope of ${keyText(copied)}`, ...planTexts(planned)];
  await ports.askForConsent(plan, { place: placeText(secret.arn) });
  const request = { name: keyName(secret, versionId), description: keyDescription(secret), scope: copied.scope };
  const created = await orFinding(() => controlPlane.create(request), secret.name);
  if ('severity' in created) {
    const { code, message } = created;
    endWith(failed(code, message, 'The secret was not changed. If the key was created, the next rotation deletes it.'));
  }
  const ended = await catchKnown(carryOut(planFor(created), ports), FailureError);
  if (ended instanceof FailureError) {
    endWith(await takeBack(created.id, versionId, ended.failure, controlPlane, ports.aws.store(secretId)));
  }
}

/** Deletes the created key, unless its version has an AWS label, because it has been AWSCURRENT. */
async function takeBack(
  keyId: string,
  versionId: string,
  failure: Failure,
  controlPlane: ControlPlane,
  store: SecretStore,
): Promise<Failure> {
  const secret = await catchKnown(store.describe(), SecretStoreError);
  const labels = [AWSCURRENT, AWSPENDING, AWSPREVIOUS];
  if (!(secret instanceof Error) && labels.some((label) => holderOf(secret, label) === versionId)) {
    return failure;
  }
  // If AWS does not answer, the key may be current, so it stays.
  const deleted = secret instanceof Error ? secret : await catchKnown(controlPlane.delete(keyId), ControlPlaneError);
  const advice = `Delete the API key ${keyId} in the console of Zilliz Cloud, unless version ${versionId} has an AWS label. ${failure.advice}`;
  return deleted instanceof Error
    ? { ...failure, kind: 'failed', advice }
    : { ...failure, message: `${failure.message} The created API key was deleted again.` };
}

const NEW_KEY_REJECTED = {
  code: 'new-key-rejected',
  message: 'The cluster, or one of its proxies, rejects the new API key.',
  advice:
    'Compare the scope of the key of --like with the cluster. If it includes the cluster, the cluster learns a new key too late: set PROPAGATION_MS of the function up to 60,000.',
} as const;
