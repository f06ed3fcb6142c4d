import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { readStoredCredential, type UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { DEFAULT_CONTROL_PLANE } from '../../protocol/keys/control-plane.ts';
import { requireCopyable } from '../../protocol/rotation/open-keys.ts';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { isApiKey } from '../../protocol/secret/credential-form.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { loginWithCheck } from '../cluster/login.ts';
import { formOf } from '../credential-forms/forms.ts';
import type { ExaminePorts } from '../examine/examine-secret.ts';
import { refusalOfFinding } from '../examine/finding.ts';
import { type ManagerPorts, openOrganization, orRefusal } from '../examine/keys.ts';
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

/** A stored value without the id: the key alone, or JSON in which other keys stay. */
interface StoredText {
  readonly key: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Finds out the id and the key: from the options, from AWSCURRENT, or by questions. Proves the key
 * by a login. Changes nothing.
 *
 * @throws SecretStoreError
 */
export async function prepareKey(
  target: InitTarget,
  request: InitRequest,
  ports: PrepareKeyPorts,
): Promise<PreparedUsers | Failure> {
  const { usernames } = target;
  const id = usernames[0] ?? (await askForId(ports));
  if (id === undefined) {
    return refused(
      'api-key-id-needed',
      'The secret names no id of an API key, and no id was given that starts with key-.',
      'Nothing was changed. Copy the id from the console of Zilliz Cloud, and give it at the prompt. An id of another form needs --api-key-id. The rotation deletes the key by its id later.',
    );
  }
  const stored = await readStoredText(target, ports);
  const proven = await proveKey(id, stored, target, ports);
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
  const refusal = await refuseByManager(proven, target, request, ports);
  if (refusal !== undefined) {
    return refusal;
  }
  const base = target.base ?? baseOf(stored.fields, proven.credentials, target, ports);
  const key = { username: id, roles: [], origin: 'existing', version: proven.accepted, ...proven } as const;
  return { admin: undefined, users: [key], target: { ...target, usernames: [id], base } };
}

/** What is typed here is shown, so a text that may be a key is refused. */
async function askForId({ readPassword }: PasswordPorts): Promise<string | undefined> {
  const id = (await readPassword('Id of the API key: ', { isVisible: true }))?.trim();
  return id !== undefined && KEY_FORM.isPrintable(id) ? id : undefined;
}

type ProvenKey = Pick<PreparedUser, 'credentials' | 'accepted'>;

async function proveKey(
  id: string,
  { key }: StoredText,
  { endpoint, examination }: InitTarget,
  ports: PasswordPorts,
): Promise<ProvenKey | Failure> {
  const { search } = examination ?? {};
  if (search?.kind === 'found' && search.accepted.credentials.username === id) {
    return { credentials: search.accepted.credentials, accepted: search.accepted };
  }
  const asked = { endpoint, username: id, form } as const;
  if (key !== undefined) {
    const login = await loginWithCheck({ ...asked, password: key }, ports);
    if (login.kind === 'accepted') {
      return { credentials: { ...asked, password: key }, accepted: undefined };
    }
  }
  const user = KEY_FORM.isPrintable(id) ? KEY_FORM.nameOf(id) : 'the API key';
  const proven = await askForPassword({ ...asked, user }, ports);
  return 'code' in proven ? proven : { credentials: proven.credentials, accepted: undefined };
}

/** Whether the function would refuse the key, or its manager. */
async function refuseByManager(
  rotated: ProvenKey,
  { examination }: InitTarget,
  { secretId, managerSecret, controlPlaneUrl }: InitRequest,
  { keyManager }: PrepareKeyPorts,
): Promise<Failure | undefined> {
  if (managerSecret === undefined) {
    return undefined;
  }
  const { controlPlane = DEFAULT_CONTROL_PLANE } = examination?.strategy.manager ?? {};
  const manager = {
    secretArn: managerSecret,
    controlPlane: { ...controlPlane, url: controlPlaneUrl ?? controlPlane.url },
  };
  const opened = await openOrganization(rotated, manager, keyManager);
  const key =
    opened.kind === undefined
      ? opened
      : orRefusal(() => requireCopyable(opened.keys, rotated.credentials.username), secretId);
  return 'severity' in key ? refusalOfFinding(key) : undefined;
}

/** The text of AWSCURRENT, if it is no credential because it lacks the id. */
async function readStoredText({ secret, examination }: InitTarget, { aws }: ExaminePorts): Promise<StoredText> {
  const currentId = secret && holderOf(secret, AWSCURRENT);
  const isUnusable = examination?.search.kind === 'unusable';
  const text = secret && currentId && isUnusable ? await aws.store(secret.arn).read(currentId) : undefined;
  const fields = objectIn(text);
  const key = fields === undefined ? text?.trim() : (fields['apiKey'] ?? fields['token']);
  const isUser = fields !== undefined && ('username' in fields || 'password' in fields);
  return { key: isApiKey(key) && !isUser ? key : undefined, fields: isUser ? {} : (fields ?? {}) };
}

function objectIn(text = ''): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The stored JSON with id and key. `undefined`: there is none. */
function baseOf(
  fields: StoredText['fields'],
  credentials: Credentials,
  { endpoint, secret }: InitTarget,
  { endpoints }: ExaminePorts,
): UsableCredential | undefined {
  if (secret === undefined || Object.keys(fields).length === 0) {
    return undefined;
  }
  const added = JSON.parse(newDocument({ ...credentials, endpoint: endpoint.url })) as object;
  const text = JSON.stringify({ ...fields, ...added });
  const stored = readStoredCredential({ versionId: '', text, tags: secret.tags }, endpoints);
  return stored.kind === 'usable' ? stored : undefined;
}
