/**
 * Fields of the JSON lines that the rotation function logs. The function writes them with {@link
 * toLogFields}, the command reads them with {@link parseLogLine}, and the alarms and the dashboard
 * filter by their names.
 */
export const LOG_FIELD = {
  event: 'rotation_event',
  step: 'step',
  secretArn: 'secret_arn',
  versionId: 'version_id',
  outcome: 'outcome',
  durationMs: 'duration_ms',
  errorCode: 'error_code',
  errorMessage: 'error_message',
  retryable: 'retryable',
  accepted: 'in_force',
  advice: 'advice',
  /** The id of the API key that a rotation created or deleted, and why it was deleted. */
  key: 'key',
  why: 'why',
} as const;

/**
 * Values of `rotation_event` that begin and end a step. The function logs other events between
 * them.
 */
export const STEP_EVENT = { started: 'step-started', finished: 'step-finished', failed: 'step-failed' } as const;

/** Values of `rotation_event` for an API key. */
export const KEY_EVENT = { created: 'key-created', deleted: 'key-deleted' } as const;

/** The value of `rotation_event` if the two users of a secret have different roles. */
export const ROLES_DIFFER = 'roles-differ';

export interface LoggedFailure {
  readonly code: string;
  /** The message of the error, without its code. */
  readonly message: string;
  /** Whether the next attempt with the same version may succeed. */
  readonly retryable: boolean;
  /** The password that the cluster accepts, if the function knows. */
  readonly accepted: string | undefined;
  readonly advice: string | undefined;
}

export interface LogLine {
  readonly event: string;
  readonly versionId: string;
  readonly secretArn: string | undefined;
  readonly step: string | undefined;
  readonly message: string;
  readonly durationMs: number | undefined;
  /** The failure of the step. Set only with the event `step-failed`. */
  readonly failure: LoggedFailure | undefined;
  /**
   * The API key that was created or deleted. `why`: `orphan`, `replaced` or `revoked`, and
   * `undefined` for a key that was created.
   */
  readonly key?: { readonly id: string; readonly why: string | undefined } | undefined;
}

export interface LoggedEnd {
  /** `failed`, or how the step succeeded. */
  readonly outcome: string;
  readonly durationMs: number;
  readonly failure?: LoggedFailure;
}

/**
 * The fields of one line.
 *
 * @param request what Secrets Manager asked of the function.
 * @param details fields of the event itself. No reader depends on them.
 */
export function toLogFields(
  event: string,
  { step, secretId, token }: { readonly step: string; readonly secretId: string; readonly token: string },
  { end, details = {} }: { end?: LoggedEnd | undefined; details?: Readonly<Record<string, unknown>> } = {},
): Record<string, unknown> {
  return {
    [LOG_FIELD.event]: event,
    [LOG_FIELD.step]: step,
    [LOG_FIELD.secretArn]: secretId,
    [LOG_FIELD.versionId]: token,
    ...details,
    ...(end && { [LOG_FIELD.outcome]: end.outcome, [LOG_FIELD.durationMs]: Math.round(end.durationMs) }),
    ...(end?.failure && {
      [LOG_FIELD.errorCode]: end.failure.code,
      [LOG_FIELD.errorMessage]: `${end.failure.code}: ${end.failure.message}`,
      [LOG_FIELD.retryable]: end.failure.retryable,
      [LOG_FIELD.accepted]: end.failure.accepted,
      [LOG_FIELD.advice]: end.failure.advice,
    }),
  };
}

/**
 * Reads one log message.
 *
 * @param text JSON, or JSON after a prefix: with Lambda's text format, a time and a request id
 * precede the JSON.
 * @returns undefined if the text is not a structured line about a version.
 */
export function parseLogLine(text: string): LogLine | undefined {
  const fields = parseObject(text.slice(Math.max(text.indexOf('{'), 0)));
  const event = stringAt(fields, LOG_FIELD.event);
  const versionId = stringAt(fields, LOG_FIELD.versionId);
  if (event === undefined || versionId === undefined) {
    return undefined;
  }
  const duration = fields[LOG_FIELD.durationMs];
  return {
    event,
    versionId,
    secretArn: stringAt(fields, LOG_FIELD.secretArn),
    step: stringAt(fields, LOG_FIELD.step),
    message: stringAt(fields, 'message') ?? '',
    durationMs: typeof duration === 'number' ? duration : undefined,
    failure: event === STEP_EVENT.failed ? failureIn(fields) : undefined,
    key: KEY_EVENTS.includes(event) ? keyIn(fields) : undefined,
  };
}

const KEY_EVENTS: readonly string[] = Object.values(KEY_EVENT);

function keyIn(fields: Record<string, unknown>): LogLine['key'] {
  const id = stringAt(fields, LOG_FIELD.key);
  return id === undefined ? undefined : { id, why: stringAt(fields, LOG_FIELD.why) };
}

function failureIn(fields: Record<string, unknown>): LoggedFailure {
  const code = stringAt(fields, LOG_FIELD.errorCode) ?? 'UNKNOWN';
  const message = stringAt(fields, LOG_FIELD.errorMessage) ?? stringAt(fields, 'message') ?? 'no reason was logged';
  return {
    code,
    message: message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message,
    retryable: fields[LOG_FIELD.retryable] === true,
    accepted: stringAt(fields, LOG_FIELD.accepted),
    advice: stringAt(fields, LOG_FIELD.advice),
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function stringAt(fields: Record<string, unknown>, key: string): string | undefined {
  const value = fields[key];
  return typeof value === 'string' ? value : undefined;
}
