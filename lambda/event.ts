/** The four steps, spelled as Secrets Manager sends them (one page of its documentation prints `create_secret`). */
export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

export type Step = (typeof STEPS)[number];

/**
 * What Secrets Manager asks of a rotation function.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export interface RotationRequest {
  readonly step: Step;
  /** ARN of the secret. */
  readonly secretId: string;
  /** Id of the version being made. */
  readonly token: string;
  /** Present when the secret belongs to another account; to be passed on in PutSecretValue. */
  readonly rotationToken: string | undefined;
}

class EventError extends Error {
  override readonly name = 'EventError' as const;
}

/** @throws EventError naming the field. Values are quoted only where they cannot be secret: the step. */
export function parseEvent(event: unknown): RotationRequest {
  if (typeof event !== 'object' || event === null) {
    throw new EventError('The event is not an object. This function is for Secrets Manager rotation only.');
  }
  const { Step, SecretId, ClientRequestToken, RotationToken } = event as Record<string, unknown>;
  const step = STEPS.find((name) => name === Step);
  if (step === undefined) {
    throw new EventError(
      `The event's Step is ${typeof Step === 'string' ? JSON.stringify(Step.slice(0, 40)) : 'missing'}. Expected one of ${STEPS.join(', ')}.`,
    );
  }
  return {
    step,
    secretId: text('SecretId', SecretId),
    token: text('ClientRequestToken', ClientRequestToken),
    rotationToken: RotationToken === undefined ? undefined : text('RotationToken', RotationToken),
  };
}

function text(field: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new EventError(`The event has no ${field}. Expected Step, SecretId and ClientRequestToken, each a string.`);
  }
  return value;
}
