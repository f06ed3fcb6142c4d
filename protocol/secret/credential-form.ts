import type { Pins } from './rotated-secrets.ts';

/**
 * - `password`: a cluster user and its password.
 * - `api-key`: the id of an API key, in place of the user, and the key, in place of the password.
 */
export type CredentialForm = 'password' | 'api-key';

export interface Credential {
  /** Or the id of an API key. */
  readonly username: string;
  /** Or the API key. */
  readonly password: string;
  /** @default password */
  readonly form?: CredentialForm;
}

/** Everything in which the forms differ. No sentence quotes a value. */
interface Form {
  /** What a secret of this form holds. */
  readonly noun: string;
  /** How a message names the part that the cluster checks. @param name if it may be printed */
  readonly secretOf: (name: string | undefined) => string;
  /** How a message names a credential whose name must not be printed. */
  readonly another: string;
  /** The keys of a JSON document. */
  readonly username: string;
  readonly password: string;
  /** What the key `token` must equal. */
  readonly token: string;
  readonly tokenOf: (credential: Credential) => string;
  /** The pins of a secret with this user, or with this id. */
  readonly pins: (username: string) => Pick<Pins, 'username' | 'apiKeyId'>;
  /**
   * The name that every version of a credential has. `undefined`: a new credential has a new name,
   * so any version stands for any other at the same cluster.
   */
  readonly lastingName: (username: string) => string | undefined;
  /** Whether the same name at another cluster is another credential. A key may open many. */
  readonly isOfOneCluster: boolean;
  /** What is wrong with the values of the keys. */
  readonly usernameProblem: (value: unknown) => string | undefined;
  readonly passwordProblem: (value: unknown) => string | undefined;
}

const FORMS: Readonly<Record<CredentialForm, Form>> = {
  password: {
    noun: 'a user and a password',
    secretOf: (user = 'the user that the secret names') => `the password of ${user}`,
    another: 'another user',
    username: 'username',
    password: 'password',
    token: '"username", a colon and "password"',
    tokenOf: ({ username, password }) => `${username}:${password}`,
    pins: (username) => ({ username }),
    lastingName: (username) => username,
    isOfOneCluster: true,
    usernameProblem,
    passwordProblem,
  },
  'api-key': {
    noun: 'an API key',
    secretOf: (id) => (id === undefined ? 'the API key that the secret names' : `the API key ${id}`),
    another: 'another API key',
    username: 'apiKeyId',
    password: 'apiKey',
    token: '"apiKey"',
    tokenOf: ({ password }) => password,
    pins: (apiKeyId) => ({ apiKeyId }),
    lastingName: () => undefined,
    isOfOneCluster: false,
    // Neither value is printed, because the two may be swapped.
    usernameProblem: (value) =>
      isApiKeyId(value) ? undefined : 'is not the id of an API key. Expected letters, digits and _.- characters.',
    passwordProblem: (value) =>
      isApiKey(value) ? undefined : 'is not an API key. Expected a non-empty string without colon or space.',
  },
};

/** The form of a credential, or of the credentials of a strategy. */
export function formOf({ form = 'password' }: { readonly form?: CredentialForm | undefined }): Form {
  return FORMS[form];
}

/** A credential of a cluster user may stand beside the API key of another system. */
export function formOfDocument({ apiKeyId, username, password }: Readonly<Record<string, unknown>>): CredentialForm {
  return apiKeyId !== undefined && username === undefined && password === undefined ? 'api-key' : 'password';
}

/** The id of an API key in a JSON document, also if the document is no usable credential. */
export function keyIdIn({ apiKeyId }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof apiKeyId === 'string' ? apiKeyId : undefined;
}

/**
 * The token that Milvus and Zilliz Cloud accept. They split a user from a password at the first
 * colon.
 */
export function tokenOf(credential: Credential): string {
  return formOf(credential).tokenOf(credential);
}

/** The keys of a JSON document with their values. */
export function credentialKeys(credential: Credential): Readonly<Record<string, string>> & { readonly token: string } {
  const { username, password } = formOf(credential);
  return {
    [username]: credential.username,
    [password]: credential.password,
    token: tokenOf(credential),
  };
}

/** What any version of Milvus allows. ASSUMPTION milvus-usernames */
export const USERNAME_PATTERN: RegExp = /^[A-Za-z][\w.-]{0,31}$/;

export function isUsername(value: unknown): value is string {
  return typeof value === 'string' && USERNAME_PATTERN.test(value);
}

/** A value that cannot be a username may be a password, so it is never printed. */
function usernameProblem(value: unknown): string | undefined {
  return isUsername(value)
    ? undefined
    : 'is not the name of a cluster user. Expected a letter, then letters, digits and _.-, at most 32 characters.';
}

function passwordProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') {
    return 'is not a password. Expected a non-empty string.';
  }
  return /[\r\n]$/.test(value)
    ? 'ends in a line break, which the cluster refuses. Store it without a line break (printf instead of echo).'
    : undefined;
}

/** ASSUMPTION keys-ids */
export const KEY_ID_PATTERN: RegExp = /^[\w.-]{1,128}$/;

export function isApiKeyId(value: unknown): value is string {
  return typeof value === 'string' && KEY_ID_PATTERN.test(value);
}

export function isApiKey(value: unknown): value is string {
  return typeof value === 'string' && /^[^\s:]+$/.test(value);
}
