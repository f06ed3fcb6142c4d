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
  const details = detailsOf(error);
  const kind = kindOf(details);
  const [message, advice] = explain(kind, action, details, profile);
  return new AwsError(kind, action, message, advice);
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

function explain(
  kind: AwsErrorKind,
  action: string,
  { name, message, code }: ErrorDetails,
  profile: string | undefined,
): [message: string, advice: string] {
  switch (kind) {
    case 'credentials-missing':
      return profile === undefined
        ? [
            'No AWS credentials were found.',
            'Name a profile with --profile, sign in (aws sso login, aws login), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
          ]
        : [
            `The AWS profile ${profile} gives no credentials. The profile does not exist, or it is incomplete.`,
            `List the profiles with \`aws configure list-profiles\`, or sign in with \`aws sso login --profile ${profile}\`.`,
          ];
    case 'credentials-expired':
      return ['The AWS credentials have expired.', 'Sign in again, then repeat the command.'];
    case 'credentials-invalid':
      return [
        `AWS does not accept the credentials (${name}).`,
        'Check the identity with `aws sts get-caller-identity`. Check the clock of this machine too, because AWS rejects signatures with a wrong time.',
      ];
    case 'region-missing':
      return ['No AWS region is set.', 'Give --region, set AWS_REGION, or name the secret by its ARN.'];
    case 'access-denied':
      return [`AWS denies ${action} to this identity: ${message}`, ASK_FOR_PERMISSION];
    case 'not-found':
      return [
        `${action} found nothing with this name in this account and region.`,
        'Check the name, the region, and the account of the AWS identity. An ARN contains the region and the account.',
      ];
    case 'throttled':
      return [`AWS throttled ${action}.`, 'Repeat the command with a lower --concurrency.'];
    case 'unreachable':
      return [
        `The command cannot reach AWS for ${action} (${code ?? name}).`,
        'Check the network, its proxy, and AWS_ENDPOINT_URL if it is set.',
      ];
    case 'other':
      return [`${action} failed with ${name}: ${message}`, 'Repeat the command.'];
  }
}

const KINDS: Readonly<Record<string, AwsErrorKind>> = {
  CredentialsProviderError: 'credentials-missing',
  ExpiredToken: 'credentials-expired',
  ExpiredTokenException: 'credentials-expired',
  TokenProviderError: 'credentials-expired',
  UnrecognizedClientException: 'credentials-invalid',
  InvalidClientTokenId: 'credentials-invalid',
  InvalidSignatureException: 'credentials-invalid',
  SignatureDoesNotMatch: 'credentials-invalid',
  AccessDenied: 'access-denied',
  AccessDeniedException: 'access-denied',
  AuthorizationErrorException: 'access-denied',
  ResourceNotFoundException: 'not-found',
  NotFoundException: 'not-found',
  NoSuchEntityException: 'not-found',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  TooManyRequestsException: 'throttled',
  TimeoutError: 'unreachable',
  NetworkingError: 'unreachable',
};

const NETWORK_CODE =
  /^(ECONN|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|EPIPE|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|ERR_TLS)/;

function kindOf({ name, message, code }: ErrorDetails): AwsErrorKind {
  const kind = KINDS[name];
  if (kind === 'credentials-missing' && /expired|SSO session/i.test(message)) {
    return 'credentials-expired';
  }
  if (kind !== undefined) {
    return kind;
  }
  if (/region is missing/i.test(message)) {
    return 'region-missing';
  }
  return code !== undefined && NETWORK_CODE.test(code) ? 'unreachable' : 'other';
}

interface ErrorDetails {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
}

function detailsOf(error: unknown): ErrorDetails {
  if (!(error instanceof Error)) {
    return { name: 'UnknownError', message: 'no error object was thrown', code: undefined };
  }
  const { code } = error as { code?: unknown };
  return { name: error.name, message: error.message, code: typeof code === 'string' ? code : undefined };
}
