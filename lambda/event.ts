import { type RotationRequest, STEPS } from '../protocol/rotation/rotation-request.ts';

class EventError extends Error {
  override readonly name = 'EventError' as const;
}

/**
 * @throws EventError naming the field. Only the step is quoted, because the other values may hold
 * a secret.
 */
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
