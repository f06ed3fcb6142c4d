/**
 * - `password`: a cluster user and its password.
 * - `api-key`: the id of an API key, in place of the user, and the key, in place of the password.
 */
export type CredentialForm = 'password' | 'api-key';

/**
 * The token that Milvus and Zilliz Cloud accept. They split a user from a password at the first
 * colon.
 */
export function tokenOf({
  username,
  password,
  form,
}: {
  readonly username: string;
  readonly password: string;
  readonly form?: CredentialForm;
}): string {
  return form === 'api-key' ? password : `${username}:${password}`;
}

/** The keys of a JSON document, and what is wrong with their values. No sentence quotes a value. */
interface KeysOfForm {
  readonly username: string;
  readonly password: string;
  /** What the key `token` must equal. */
  readonly token: string;
  readonly usernameProblem: (value: unknown) => string | undefined;
  readonly passwordProblem: (value: unknown) => string | undefined;
}

export const KEYS: Readonly<Record<CredentialForm, KeysOfForm>> = {
  password: {
    username: 'username',
    password: 'password',
    token: '"username", a colon and "password"',
    usernameProblem,
    passwordProblem,
  },
  'api-key': {
    username: 'apiKeyId',
    password: 'apiKey',
    token: '"apiKey"',
    // Neither value is printed, because the two may be swapped.
    usernameProblem: (value) =>
      isApiKeyId(value) ? undefined : 'is not the id of an API key. Expected letters, digits and _.- characters.',
    passwordProblem: (value) =>
      isApiKey(value) ? undefined : 'is not an API key. Expected a non-empty string without colon or space.',
  },
};

/** The keys of a JSON document with their values. */
export function credentialKeys(
  form: CredentialForm,
  credential: { readonly username: string; readonly password: string },
): Record<string, string> {
  const { username, password } = KEYS[form];
  return {
    [username]: credential.username,
    [password]: credential.password,
    token: tokenOf({ ...credential, form }),
  };
}

/** What any version of Milvus allows. ASSUMPTION milvus-usernames */
export function isUsername(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][\w.-]{0,31}$/.test(value);
}

/** A value that cannot be a username may be a password, so it is never printed. */
export function usernameProblem(value: unknown): string | undefined {
  return isUsername(value)
    ? undefined
    : 'is not the name of a cluster user. Expected a letter, then letters, digits and _.-, at most 32 characters.';
}

export function passwordProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') {
    return 'is not a password. Expected a non-empty string.';
  }
  return /[\r\n]$/.test(value)
    ? 'ends in a line break, which the cluster refuses. Store it without a line break (printf instead of echo).'
    : undefined;
}

/** ASSUMPTION keys-ids */
export function isApiKeyId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,128}$/.test(value);
}

export function isApiKey(value: unknown): value is string {
  return typeof value === 'string' && /^[^\s:]+$/.test(value);
}
