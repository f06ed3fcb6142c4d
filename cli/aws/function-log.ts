/** One structured line that the rotation function wrote about one version. */
export interface FunctionLogLine {
  /** Unique among the lines of a function: a line read twice is the same line. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `step-started`, `step-finished`, `step-failed`, or another that the function may tell of. */
  readonly event: string;
  readonly step: string | undefined;
  readonly message: string;
  readonly durationMs: number | undefined;
  /** Set on `step-failed`. */
  readonly failure: StepFailure | undefined;
}

/** Why a step failed, as the function itself says it. */
export interface StepFailure {
  readonly code: string;
  readonly message: string;
  /** True when Secrets Manager's next attempt with the same token may pass. */
  readonly retryable: boolean;
  /** What is in force on the cluster, where the function knows. */
  readonly inForce: string | undefined;
  readonly advice: string | undefined;
}

/** What a rotation function wrote. Port: a log that cannot be read is an exception, of class AwsError. */
export interface FunctionLog {
  /**
   * Every line about one version, oldest first.
   *
   * @param since milliseconds since the epoch; older lines may be left out.
   */
  lines(versionId: string, since: number): Promise<readonly FunctionLogLine[]>;
}

/**
 * Reads one log message; `undefined` when it is not a structured line about that version. Text before the first brace
 * is passed over: with Lambda's text format, time and request id stand there.
 */
export function parseLogLine(
  text: string,
  versionId: string,
  event: { id: string; at: number },
): FunctionLogLine | undefined {
  const fields = parseObject(text.slice(Math.max(text.indexOf('{'), 0)));
  const name = stringAt(fields, 'rotation_event');
  if (fields === undefined || name === undefined || stringAt(fields, 'version_id') !== versionId) {
    return undefined;
  }
  const duration = fields['duration_ms'];
  const code = stringAt(fields, 'error_code') ?? 'UNKNOWN';
  const reason = stringAt(fields, 'error_message') ?? stringAt(fields, 'message') ?? 'no reason was logged';
  return {
    ...event,
    event: name,
    step: stringAt(fields, 'step'),
    message: stringAt(fields, 'message') ?? '',
    durationMs: typeof duration === 'number' ? duration : undefined,
    failure:
      name === 'step-failed'
        ? {
            code,
            // The function's errors begin with their code, which is shown apart.
            message: reason.startsWith(`${code}: `) ? reason.slice(code.length + 2) : reason,
            retryable: fields['retryable'] === true,
            inForce: stringAt(fields, 'in_force'),
            advice: stringAt(fields, 'advice'),
          }
        : undefined,
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function stringAt(fields: Record<string, unknown> | undefined, key: string): string | undefined {
  const value = fields?.[key];
  return typeof value === 'string' ? value : undefined;
}
