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

/**
 * AWS could not be asked, or refused the caller: said in an operator's words. Nothing that this tool sends with the
 * actions named here holds a secret value, so AWS's own message may be shown.
 */
export class AwsError extends Error {
  override readonly name = 'AwsError' as const;
  readonly kind: AwsErrorKind;
  /** The API action, in AWS's own words. */
  readonly action: string;
  /** What to do next. */
  readonly advice: string;

  constructor(kind: AwsErrorKind, action: string, message: string, advice: string) {
    super(message);
    this.kind = kind;
    this.action = action;
    this.advice = advice;
  }

  /** True when the same question may be answered a moment later. */
  get passing(): boolean {
    return this.kind === 'throttled' || this.kind === 'unreachable' || this.kind === 'other';
  }
}

/**
 * Translates what the AWS SDK threw at an action.
 *
 * @param profile the profile that the credentials were to come from; the SDK's own message does not name it.
 */
export function toAwsError(action: string, error: unknown, profile?: string): AwsError {
  if (error instanceof AwsError) {
    return error;
  }
  const { name, message, code } = describe(error);
  const kind = kindOf(name, message, code);
  switch (kind) {
    case 'credentials-missing':
      return profile !== undefined
        ? new AwsError(
            kind,
            action,
            `The AWS profile ${profile} gives no credentials: there is no such profile, or it is incomplete.`,
            `Check its name (aws configure list-profiles), or sign in: aws sso login --profile ${profile}`,
          )
        : new AwsError(
            kind,
            action,
            'No AWS credentials were found.',
            'Name a profile with --profile, sign in (aws sso login, aws login), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
          );
    case 'credentials-expired':
      return new AwsError(kind, action, 'The AWS credentials have expired.', 'Sign in again, then repeat the command.');
    case 'credentials-invalid':
      return new AwsError(
        kind,
        action,
        `AWS does not accept the credentials (${name}).`,
        'Check which identity is used with `aws sts get-caller-identity`, and that the clock of this machine is right.',
      );
    case 'region-missing':
      return new AwsError(
        kind,
        action,
        'No AWS region is set.',
        'Give --region, or the ARN of the secret in place of its name, or set AWS_REGION.',
      );
    case 'access-denied':
      return new AwsError(
        kind,
        action,
        `AWS denies ${action} to this identity: ${message}`,
        'docs/cli.md lists the permissions that each command needs.',
      );
    case 'not-found':
      return new AwsError(
        kind,
        action,
        `${action} found nothing under that name in this account and region.`,
        'Check the name and the region (an ARN names both), and that the AWS identity is of the right account.',
      );
    case 'throttled':
      return new AwsError(kind, action, `AWS throttled ${action}.`, 'Repeat the command, with a lower --concurrency.');
    case 'unreachable':
      return new AwsError(
        kind,
        action,
        `AWS could not be reached for ${action} (${code ?? name}).`,
        'Check the network, a proxy in between, and AWS_ENDPOINT_URL if it is set.',
      );
    case 'other':
      return new AwsError(kind, action, `${action} failed with ${name}: ${message}`, 'Repeat the command.');
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
  ResourceNotFoundException: 'not-found',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  TooManyRequestsException: 'throttled',
  TimeoutError: 'unreachable',
  NetworkingError: 'unreachable',
};

const NETWORK_CODE =
  /^(ECONN|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|EPIPE|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|ERR_TLS)/;

function kindOf(name: string, message: string, code: string | undefined): AwsErrorKind {
  const known = KINDS[name];
  if (known === 'credentials-missing' && /expired|SSO session/i.test(message)) {
    return 'credentials-expired';
  }
  if (known !== undefined) {
    return known;
  }
  if (/region is missing/i.test(message)) {
    return 'region-missing';
  }
  return code !== undefined && NETWORK_CODE.test(code) ? 'unreachable' : 'other';
}

function describe(error: unknown): { name: string; message: string; code: string | undefined } {
  if (!(error instanceof Error)) {
    return { name: 'UnknownError', message: 'no error object was thrown', code: undefined };
  }
  // Node reports a refused connection to several addresses as an AggregateError without a message of its own.
  const code = (error as { code?: unknown }).code;
  return { name: error.name, message: error.message, code: typeof code === 'string' ? code : undefined };
}
