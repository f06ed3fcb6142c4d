import { type AwsError, type AwsErrorKind, toAwsError } from '../../cli/aws/aws-error.ts';

/** An error of the AWS SDK for each kind. */
const SDK_ERRORS: Readonly<Record<AwsErrorKind, readonly [name: string, message: string]>> = {
  'credentials-missing': ['CredentialsProviderError', 'Could not load credentials from any providers'],
  'credentials-expired': ['ExpiredTokenException', 'The security token included in the request is expired'],
  'credentials-invalid': ['UnrecognizedClientException', 'The security token included in the request is invalid'],
  'region-missing': ['Error', 'Region is missing'],
  'access-denied': ['AccessDeniedException', 'no identity-based policy allows the action'],
  'not-found': ['ResourceNotFoundException', "Secrets Manager can't find the specified secret."],
  throttled: ['ThrottlingException', 'Rate exceeded'],
  unreachable: ['TimeoutError', 'connect ETIMEDOUT'],
  other: ['InternalServiceError', 'An error occurred on the server side.'],
};

/** The error as the command translates it from the error of the SDK. */
export function awsErrorOf(kind: AwsErrorKind, action: string): AwsError {
  const [name, message] = SDK_ERRORS[kind];
  return toAwsError(action, Object.assign(new Error(message), { name }));
}
