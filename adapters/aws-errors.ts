import { SecretStoreError } from '../protocol/secret/secret-store.ts';

/** Whether AWS answered with the error of this name. */
export function isAws(error: unknown, name: string): boolean {
  return (error as Error).name === name;
}

const FINAL: Readonly<Record<string, readonly ['denied' | 'refused', string]>> = {
  AccessDeniedException: ['denied', 'the caller has no permission for this action on this secret, or for its KMS key'],
  DecryptionFailure: ['denied', 'the KMS key of the secret refused to decrypt it'],
  EncryptionFailure: ['denied', 'the KMS key of the secret refused to encrypt it'],
  UnrecognizedClientException: ['denied', 'the credentials of the caller are not valid'],
  ExpiredTokenException: ['denied', 'the credentials of the caller have expired'],
  ResourceNotFoundException: ['refused', 'there is no such secret in this account and region'],
  LimitExceededException: ['refused', 'the secret has no room for another label or version'],
  InvalidRequestException: ['refused', 'the secret does not take this request now; it may be marked for deletion'],
  InvalidParameterException: ['refused', 'Secrets Manager refuses a parameter'],
};

/** AWS's reason names the principal and the resource. A longer text is no reason. */
const MAX_REASON = 500;

/** What AWS says if the caller may use the secret, but not its KMS key. It quotes nothing. */
const KMS_DENIED = 'Access to KMS is not allowed';

/**
 * The error of the port for an error of AWS. It has AWS's own message only if AWS denied an action
 * that sends no value, because another message can quote what was sent. The fixed sentence about
 * KMS is always safe.
 */
export function storeError(action: string, error: unknown): SecretStoreError {
  const { name: code, message } = error as Error;
  const [kind, general] = FINAL[code] ?? ['unavailable', 'Secrets Manager gave no usable answer; a retry may help'];
  const isSafe = message === KMS_DENIED || (action !== 'PutSecretValue' && message.length <= MAX_REASON);
  const isReason = code === 'AccessDeniedException' && isSafe;
  const explanation = isReason ? `${general}. AWS says: ${message}` : general;
  return new SecretStoreError({ action, code, kind, explanation });
}
