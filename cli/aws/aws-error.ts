/**
 * Why AWS gave no answer, or refused the caller.
 *
 * - `credentials-invalid`: AWS rejects the signature, or the clock of this machine is wrong.
 * - `not-found`: the account and region have nothing with this name.
 */
export type AwsErrorKind =
  | 'credentials-missing'
  | 'credentials-expired'
  | 'credentials-invalid'
  | 'region-missing'
  | 'access-denied'
  | 'not-found'
  | 'throttled'
  | 'unreachable'
  | 'other';

export const ASK_FOR_PERMISSION: string =
  'Ask for this permission, then repeat the command. docs/cli.md#permissions lists the permissions of each command.';

/**
 * AWS gave no answer, or refused the caller. The requests of this command hold no secret, so AWS's
 * message is shown.
 */
export class AwsError extends Error {
  override readonly name = 'AwsError' as const;
  readonly kind: AwsErrorKind;
  /** The API action: `RotateSecret`. */
  readonly action: string;
  readonly advice: string;

  constructor(kind: AwsErrorKind, action: string, message: string, advice: string) {
    super(message);
    this.kind = kind;
    this.action = action;
    this.advice = advice;
  }

  get retryable(): boolean {
    return this.kind === 'throttled' || this.kind === 'unreachable' || this.kind === 'other';
  }
}

/**
 * Translates an error of the AWS SDK.
 *
 * @param profile the profile of the client. The SDK's message does not name it.
 */
export function toAwsError(action: string, error: unknown, profile?: string): AwsError {
  if (error instanceof AwsError) {
    return error;
  }
  const { name, message, code } = error instanceof Error ? (error as Error & { code?: unknown }) : UNKNOWN;
  const kind = kindOf(name, message, String(code));
  const missing = kind === 'credentials-missing' && profile !== undefined ? missingProfile(profile) : undefined;
  const told = { action, name, message, code: typeof code === 'string' ? code : name };
  return new AwsError(kind, action, ...(missing ?? EXPLANATIONS[kind](told)));
}

/**
 * Waits for the answer of AWS.
 *
 * @throws AwsError
 */
export async function answerOf<T>(action: string, answer: Promise<T>, profile?: string): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw toAwsError(action, error, profile);
  }
}

const UNKNOWN = { name: 'UnknownError', message: 'no error object was thrown', code: undefined };

type Told = Readonly<Record<'action' | 'name' | 'message' | 'code', string>>;

const EXPLANATIONS: Readonly<Record<AwsErrorKind, (error: Told) => readonly [message: string, advice: string]>> = {
  'credentials-missing': () => [
    'No AWS credentials were found.',
    'Name a profile with --profile, sign in (aws sso login, aws login), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  ],
  'credentials-expired': () => [
    'The AWS credentials have expired.',
    'Sign in again, for example with `aws sso login`, then repeat the command.',
  ],
  'credentials-invalid': ({ name }) => [
    `AWS does not accept the credentials (${name}).`,
    'Check the identity with `aws sts get-caller-identity`. Check the clock of this machine too, because AWS rejects signatures with a wrong time.',
  ],
  'region-missing': () => ['No AWS region is set.', 'Give --region, set AWS_REGION, or name the secret by its ARN.'],
  'access-denied': ({ action, message }) => [`AWS denies ${action} to this identity: ${message}`, ASK_FOR_PERMISSION],
  'not-found': ({ action }) => [
    `${action} found nothing with this name in this account and region.`,
    'Check the name, the region, and the account of the AWS identity. An ARN contains the region and the account.',
  ],
  throttled: ({ action }) => [`AWS throttled ${action}.`, 'Repeat the command after a minute.'],
  unreachable: ({ action, code }) => [
    `The command cannot reach AWS for ${action} (${code}).`,
    'Check the network, its proxy, and AWS_ENDPOINT_URL if it is set.',
  ],
  other: ({ action, name, message }) => [`${action} failed with ${name}: ${message}`, 'Repeat the command.'],
};

function missingProfile(profile: string): readonly [message: string, advice: string] {
  return [
    `The AWS profile ${profile} gives no credentials. The profile does not exist, or it is incomplete.`,
    `List the profiles with \`aws configure list-profiles\`, or sign in with \`aws sso login\`.`,
  ];
}

/** The names of AWS and its SDK. */
const KINDS: ReadonlyArray<readonly [AwsErrorKind, RegExp]> = [
  ['credentials-missing', /^CredentialsProviderError$/],
  ['credentials-expired', /^(ExpiredToken(Exception)?|TokenProviderError)$/],
  [
    'credentials-invalid',
    /^(UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|SignatureDoesNotMatch)$/,
  ],
  ['access-denied', /^(AccessDenied(Exception)?|AuthorizationErrorException)$/],
  ['not-found', /^(ResourceNotFound|NotFound|NoSuchEntity)Exception$/],
  ['throttled', /^(Throttling(Exception)?|TooManyRequestsException)$/],
  ['unreachable', /^(TimeoutError|NetworkingError)$/],
];

const NETWORK_CODE =
  /^(ECONN|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|EPIPE|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|ERR_TLS)/;

function kindOf(name: string, message: string, code: string): AwsErrorKind {
  const [kind] = KINDS.find(([, names]) => names.test(name)) ?? [];
  if (kind === 'credentials-missing' && /expired|SSO session/i.test(message)) {
    return 'credentials-expired';
  }
  if (kind === undefined && /region is missing/i.test(message)) {
    return 'region-missing';
  }
  return kind ?? (NETWORK_CODE.test(code) ? 'unreachable' : 'other');
}
