import type { Credentials } from '../protocol/cluster/cluster.ts';
import { type CredentialForm, formOf, isApiKey } from '../protocol/secret/credential-form.ts';
import type { SecretDescription } from '../protocol/secret/secret-store.ts';
import {
  AWSCURRENT,
  AWSPENDING,
  AWSPREVIOUS,
  holderOf,
  type SentLabel,
  sentLabels,
} from '../protocol/secret/versions.ts';

/** What a text holds that is no credential because it lacks the name. */
export interface UnnamedCredential {
  readonly password?: string;
  /** The keys of JSON, which stay. */
  readonly others?: Readonly<Record<string, unknown>>;
}

/** Everything in which the command treats the forms differently. */
interface CommandForm {
  /** How a question names the part that must not be shown. */
  readonly secretWord: 'password' | 'text';
  /** How a message names a credential whose user, or id, may not be printed. */
  readonly unnamed: string;
  /**
   * What `init` asks if neither an option nor a version names the credential. `undefined`: nothing.
   */
  readonly nameQuestion: string | undefined;
  /** How a question names the credential that an option names. */
  asked(username: string): string;
  /** What a text holds that is no credential, because it lacks the name. */
  unnamedIn(text: string): UnnamedCredential;
  /** What else a person can do who does not know the password. */
  readonly howToCreate: string;
  /** How a message names a credential. */
  nameOf(username: string): string;
  /** Whether a stored name may be printed before the cluster has accepted the credential. */
  isPrintable(name: string): boolean;
  /**
   * The version that a search tries before AWSCURRENT. `undefined`: a pending credential is valid
   * before AWSCURRENT moves, so its login tells nothing about AWSCURRENT.
   */
  triedFirst(secret: SecretDescription): string | undefined;
  /**
   * The sent labels of replaced credentials that a rotation has yet to delete. `undefined`: a
   * rotation deletes no credential, and its logins decide which labels it may remove.
   */
  notDeleted(secret: SecretDescription): readonly SentLabel[] | undefined;
  /** The cluster rejects each tried credential. @param user the one in AWSCURRENT, with its host */
  rejected(user: string): string;
  /** @param isFirstValue whether the secret has only its first value */
  likelyCause(isFirstValue: boolean): string;
  howToStore(secretName: string): string;
  /** The command that makes a valid credential. */
  howToReplace(secretName: string): string;
}

/** The password of a cluster user. The versions of a user hold its earlier and later passwords. */
const password: CommandForm = {
  secretWord: 'password',
  unnamed: 'the user in AWSCURRENT',
  nameQuestion: undefined,
  asked: (username) => username,
  unnamedIn: () => ({}),
  howToCreate: ' To create a user that does not exist, give --admin-secret.',
  nameOf: (username) => username,
  isPrintable: () => false,
  triedFirst: (secret) => holderOf(secret, AWSPENDING),
  notDeleted: () => undefined,
  rejected: (user) => `The cluster rejects every tried password of ${user}.`,
  likelyCause: (isFirstValue) =>
    isFirstValue
      ? 'The secret has only its first value. If the rotation stack created the secret, this value is a placeholder, and nobody has stored the password yet.'
      : 'Probably somebody changed the password outside this secret, or AWSCURRENT names the wrong user or host.',
  howToStore: (name) =>
    `If you know the password, store it with \`zilliz-rotation init ${name}\`, which asks for it and proves it.`,
  howToReplace: (name) =>
    `If nobody knows the password, let an admin set a new one: \`zilliz-rotation repair ${name} --admin-secret ADMIN-SECRET\`. If the user does not exist, let an admin create it: \`zilliz-rotation init ${name} --admin-secret ADMIN-SECRET --role ROLE\`.`,
};

/** An API key of Zilliz Cloud. Its id takes the place of the user. */
const apiKey: CommandForm = {
  secretWord: 'text',
  unnamed: 'the API key in AWSCURRENT',
  nameQuestion: 'Id of the API key: ',
  asked: (id) => (apiKey.isPrintable(id) ? apiKey.nameOf(id) : 'the API key'),
  unnamedIn: unnamedKeyIn,
  howToCreate: '',
  nameOf: (id) => `API key ${id}`,
  // A person may have swapped the id and the key, and a key does not start like an id.
  isPrintable: (id) => /^key-\w{1,40}$/.test(id),
  triedFirst: () => undefined,
  /** This command deletes no key, so it removes no label. The function keeps these versions. */
  notDeleted: (secret) => {
    const kept = [AWSCURRENT, AWSPENDING, AWSPREVIOUS].map((label) => holderOf(secret, label));
    return sentLabels(secret).filter(({ versionId }) => !kept.includes(versionId));
  },
  rejected: (user) => `The cluster rejects every tried API key, also ${user}.`,
  likelyCause: () => 'Probably somebody deleted the keys in the console, or AWSCURRENT names the wrong cluster.',
  howToStore: (name) =>
    `If you have a valid API key and its id, store both with \`zilliz-rotation init ${name} --strategy api-key\`, which asks for them and proves the key.`,
  howToReplace: (name) =>
    `If nobody has a valid key, create one with the role and scope of an existing key: \`zilliz-rotation repair ${name} --manager --like KEY-ID\`.`,
};

const FORMS: Readonly<Record<CredentialForm, CommandForm>> = { password, 'api-key': apiKey };

/** For a credential, or for the credentials of a strategy. */
export function commandForm({ form = 'password' }: { readonly form?: CredentialForm | undefined }): CommandForm {
  return FORMS[form];
}

/** How a message names a credential. */
export function nameOf(credentials: Pick<Credentials, 'username' | 'form'>): string {
  return commandForm(credentials).nameOf(credentials.username);
}

interface JsonName {
  readonly username: string | null;
  readonly apiKeyId: string | null;
}

/** The keys in a JSON document that name a credential. */
export function jsonName(credentials: Pick<Credentials, 'username' | 'form'>, isPrintable = true): JsonName {
  const { username = null, apiKeyId = null } = isPrintable ? formOf(credentials).pins(credentials.username) : {};
  return { username, apiKeyId };
}

/** How a text names the credential in a JSON document. */
export function nameInJson({ username, apiKeyId }: JsonName): string {
  return username ?? nameOf({ username: apiKeyId ?? '', form: 'api-key' });
}

/** The API key in a text without its id: the key alone, or JSON. */
function unnamedKeyIn(text: string): UnnamedCredential {
  const others = objectIn(text);
  const key = others === undefined ? text.trim() : (others['apiKey'] ?? others['token']);
  const isUser = others !== undefined && ('username' in others || 'password' in others);
  return isUser ? {} : { ...(isApiKey(key) && { password: key }), ...(others && { others }) };
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
