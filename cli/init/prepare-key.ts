import { DEFAULT_CONTROL_PLANE } from '../../protocol/keys/control-plane.ts';
import { requireCopyable } from '../../protocol/rotation/open-keys.ts';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { isApiKey } from '../../protocol/secret/credential-form.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { loginWithCheck } from '../cluster/login.ts';
import { formOf } from '../credential-forms/forms.ts';
import type { ExaminePorts } from '../examine/examine-secret.ts';
import { type Finding, refusalOfFinding } from '../examine/finding.ts';
import { type ManagerPorts, openOrganization, orFinding } from '../examine/keys.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import { askForPassword, type PasswordPorts } from './ask-for-password.ts';
import type { InitRequest } from './init-definition.ts';
import type { InitTarget } from './target.ts';
import type { PreparedUser, PreparedUsers } from './users.ts';

const { form } = STRATEGIES['api-key'];
const KEY_FORM = formOf({ form });

export interface PrepareKeyPorts extends PasswordPorts, ExaminePorts {
  readonly keyManager: ManagerPorts;
}

/**
 * Finds out the id and the key: from the options, from AWSCURRENT, or by questions. Proves the key
 * by a login, and asks the control plane if the request names the manager. Changes nothing.
 *
 * @throws SecretStoreError
 */
export async function prepareKey(
  target: InitTarget,
  request: InitRequest,
  ports: PrepareKeyPorts,
): Promise<PreparedUsers | Failure> {
  const id = target.usernames[0] ?? (await askForId(ports));
  if (id === undefined) {
    return refused(
      'api-key-id-needed',
      'The secret names no id of an API key, and no id was given that starts with key-.',
      'Nothing was changed. Copy the id from the console of Zilliz Cloud, and give it at the prompt. An id of another form needs --api-key-id. The rotation deletes the key by its id later.',
    );
  }
  const { key, others } = await readStoredText(target, ports);
  const proven = await proveKey(id, key, target, ports);
  if ('code' in proven) {
    return proven;
  }
  if (proven.credentials.password === id) {
    return refused(
      'api-key-id-needed',
      'The given id is the key itself.',
      'Nothing was changed. Give the id of the key.',
    );
  }
  const finding = await askControlPlane(proven, target, request, ports);
  return finding === undefined
    ? {
        admin: undefined,
        users: [{ username: id, roles: [], origin: 'existing', version: proven.accepted, ...proven }],
        target: { ...target, usernames: [id], others },
      }
    : refusalOfFinding(finding);
}

/** What is typed here is shown, so a text that may be a key is refused. */
async function askForId({ readPassword }: PasswordPorts): Promise<string | undefined> {
  const id = (await readPassword('Id of the API key: ', { isVisible: true }))?.trim();
  return id !== undefined && KEY_FORM.isPrintable(id) ? id : undefined;
}

type ProvenKey = Pick<PreparedUser, 'credentials' | 'accepted'>;

/** @param key in AWSCURRENT, without its id */
async function proveKey(
  id: string,
  key: string | undefined,
  { endpoint, examination }: InitTarget,
  ports: PasswordPorts,
): Promise<ProvenKey | Failure> {
  const { search } = examination ?? {};
  if (search?.kind === 'found' && search.accepted.credentials.username === id) {
    return { credentials: search.accepted.credentials, accepted: search.accepted };
  }
  const asked = { endpoint, username: id, form } as const;
  if (key !== undefined && (await loginWithCheck({ ...asked, password: key }, ports)).kind === 'accepted') {
    return { credentials: { ...asked, password: key }, accepted: undefined };
  }
  const user = KEY_FORM.isPrintable(id) ? KEY_FORM.nameOf(id) : 'the API key';
  const proven = await askForPassword({ ...asked, user }, ports);
  return 'code' in proven ? proven : { credentials: proven.credentials, accepted: undefined };
}

/** Why the function would refuse the key or its manager. */
async function askControlPlane(
  rotated: ProvenKey,
  { examination }: InitTarget,
  { secretId, managerSecret: managerSecretArn, controlPlaneUrl }: InitRequest,
  { keyManager }: PrepareKeyPorts,
): Promise<Finding | undefined> {
  if (managerSecretArn === undefined) {
    return undefined;
  }
  const { controlPlane = DEFAULT_CONTROL_PLANE } = examination?.strategy.config ?? {};
  const manager = { managerSecretArn, controlPlane: { ...controlPlane, url: controlPlaneUrl ?? controlPlane.url } };
  const key = await orFinding(async () => {
    const { listed } = await openOrganization(rotated, manager, keyManager);
    return requireCopyable(listed, rotated.credentials.username);
  }, secretId);
  return 'severity' in key ? key : undefined;
}

/**
 * The text of AWSCURRENT, if it is no credential because it lacks the id: the key alone, or JSON in
 * which other keys stay.
 */
async function readStoredText(
  { secret, examination }: InitTarget,
  { aws }: ExaminePorts,
): Promise<{ readonly key?: string; readonly others?: Readonly<Record<string, unknown>> }> {
  const currentId = secret && holderOf(secret, AWSCURRENT);
  const isUnusable = examination?.search.kind === 'unusable';
  const text = secret && currentId && isUnusable ? await aws.store(secret.arn).read(currentId) : undefined;
  const others = objectIn(text);
  const key = others === undefined ? text?.trim() : (others['apiKey'] ?? others['token']);
  const isUser = others !== undefined && ('username' in others || 'password' in others);
  return isUser ? {} : { ...(isApiKey(key) && { key }), ...(others && { others }) };
}

function objectIn(text = ''): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
