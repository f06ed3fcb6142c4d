import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { CredentialForm } from '../../protocol/secret/credential-form.ts';
import type { SecretDescription } from '../../protocol/secret/secret-store.ts';
import {
  AWSCURRENT,
  AWSPENDING,
  AWSPREVIOUS,
  holderOf,
  type SentLabel,
  sentLabels,
} from '../../protocol/secret/versions.ts';

interface FormOfCredential {
  /** What a version of this form holds. */
  readonly noun: string;
  /** How a question names the part that must not be shown. */
  readonly secretWord: 'password' | 'text';
  /** How a message names a credential whose user, or id, may not be printed. */
  readonly unnamed: string;
  /** How a message names a credential. */
  nameOf(username: string): string;
  /** Whether a stored name may be printed before the cluster has accepted the credential. */
  isPrintable(name: string): boolean;
  json(name: string | null): { readonly username: string | null; readonly apiKeyId: string | null };
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
const password: FormOfCredential = {
  noun: 'a user and a password',
  secretWord: 'password',
  unnamed: 'the user in AWSCURRENT',
  nameOf: (username) => username,
  isPrintable: () => false,
  json: (username) => ({ username, apiKeyId: null }),
  notDeleted: () => undefined,
  rejected: (user) => `The cluster rejects every tried password of ${user}.`,
  likelyCause: (isFirstValue) =>
    isFirstValue
      ? 'The secret has only its first value. If the rotation stack created the secret, this value is a placeholder, and nobody has stored the password yet.'
      : 'Probably somebody changed the password outside this secret, or AWSCURRENT names the wrong user or host.',
  howToStore: (name) =>
    `If you know the password, store it with \`zilliz-rotation init ${name}\`, which asks for it and proves it.`,
  howToReplace: (name) =>
    `If nobody knows the password, let an admin set a new one: \`zilliz-rotation repair ${name} --admin-secret ADMIN-SECRET\`.`,
};

/** An API key of Zilliz Cloud. Its id takes the place of the user. */
const apiKey: FormOfCredential = {
  noun: 'an API key',
  secretWord: 'text',
  unnamed: 'the API key in AWSCURRENT',
  nameOf: (id) => `API key ${id}`,
  // A person may have swapped the id and the key, and a key does not start like an id.
  isPrintable: (id) => /^key-\w{1,40}$/.test(id),
  json: (apiKeyId) => ({ username: null, apiKeyId }),
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

const FORMS: Readonly<Record<CredentialForm, FormOfCredential>> = { password, 'api-key': apiKey };

/** The form of a credential, or of the credentials of a strategy. */
export function formOf({ form = 'password' }: { readonly form?: CredentialForm | undefined }): FormOfCredential {
  return FORMS[form];
}

/** How a message names a credential. */
export function nameOf(credentials: Pick<Credentials, 'username' | 'form'>): string {
  return formOf(credentials).nameOf(credentials.username);
}
