import { describe, expect, it } from 'vitest';
import { type LoggedEnd, parseLogLine, STEP_EVENT, toLogFields } from '../../telemetry/log-line.ts';

const STEP = {
  step: 'setSecret',
  secretId: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:a',
  token: 'v1',
};
const FAILURE = {
  code: 'CHANGE_REFUSED',
  message: 'The password was not changed.',
  retryable: true,
  accepted: 'current',
  advice: 'Wait for the next attempt.',
};

function roundTrip(event: string, end?: LoggedEnd): ReturnType<typeof parseLogLine> {
  const fields = toLogFields(event, STEP, { end, details: { tries: 2 } });
  return parseLogLine(JSON.stringify({ level: 'INFO', message: 'a sentence', ...fields }));
}

describe('the fields of a line', () => {
  const step = {
    step: 'setSecret',
    secret_arn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:a',
    version_id: 'v1',
  };

  it('have the names that the alarms and the dashboard filter by', () => {
    const end = { outcome: 'failed', durationMs: 12.6, failure: FAILURE };
    expect(toLogFields(STEP_EVENT.failed, STEP, { end, details: { tries: 2 } })).toEqual({
      rotation_event: 'step-failed',
      ...step,
      tries: 2,
      outcome: 'failed',
      duration_ms: 13,
      error_code: 'CHANGE_REFUSED',
      error_message: 'CHANGE_REFUSED: The password was not changed.',
      retryable: true,
      in_force: 'current',
      advice: 'Wait for the next attempt.',
    });
  });
});

describe('a line that the function logs is read back by the command', () => {
  it.each([
    ['key-created', { id: 'key-1', why: undefined }],
    ['key-deleted', { id: 'key-1', why: 'replaced' }],
    ['key-kept', undefined],
  ])('with the API key of %s', (event, key) => {
    const line = JSON.stringify(toLogFields(event, STEP, { details: { key: 'key-1', why: key?.why } }));
    expect(parseLogLine(line)?.key).toEqual(key);
  });

  it('with the end of a step', () => {
    expect(roundTrip(STEP_EVENT.finished, { outcome: 'changed', durationMs: 12.4 })).toEqual({
      event: 'step-finished',
      versionId: STEP.token,
      secretArn: STEP.secretId,
      step: 'setSecret',
      message: 'a sentence',
      durationMs: 12,
      failure: undefined,
    });
  });

  it('with its failure', () => {
    const line = roundTrip(STEP_EVENT.failed, { outcome: 'failed', durationMs: 1, failure: FAILURE });
    expect(line).toMatchObject({ event: 'step-failed', durationMs: 1, failure: FAILURE });
  });

  it('without an end or a failure that did not happen', () => {
    const line = roundTrip('login-awaited');
    expect(line).toMatchObject({ event: 'login-awaited', durationMs: undefined, failure: undefined });
  });
});

describe('a line is not read', () => {
  it('if it names no version', () => {
    const { version_id: versionId, ...others } = toLogFields(STEP_EVENT.started, STEP);
    expect(parseLogLine(JSON.stringify({ ...others, version_id: versionId }))).toMatchObject({ versionId });
    expect(parseLogLine(JSON.stringify(others))).toBeUndefined();
  });

  it.each([['START RequestId: v1'], ['{"version_id": "v1"}'], ['{'], ['null'], ['']])('if it is %j', (text) => {
    expect(parseLogLine(text)).toBeUndefined();
  });
});

describe('a line with fields that are missing or have another type', () => {
  const failed = { rotation_event: 'step-failed', version_id: 'v1' };
  const parse = (fields: object) => parseLogLine(JSON.stringify(fields));

  it('is read, and these fields are undefined', () => {
    expect(parse({ rotation_event: 'step-started', version_id: 'v1', step: 7, duration_ms: '12' })).toEqual({
      event: 'step-started',
      versionId: 'v1',
      secretArn: undefined,
      step: undefined,
      message: '',
      durationMs: undefined,
      failure: undefined,
    });
  });

  it('has the code UNKNOWN if the step failed', () => {
    expect(parse(failed)?.failure).toEqual({
      code: 'UNKNOWN',
      message: expect.any(String),
      retryable: false,
      accepted: undefined,
      advice: undefined,
    });
  });

  it('has the message of the line as the reason of the failure', () => {
    expect(parse({ ...failed, error_code: 'A', message: 'B: the reason' })?.failure).toMatchObject({
      code: 'A',
      message: 'B: the reason',
    });
  });
});

it('the prefix of the text log format is skipped', () => {
  const line = `2026-01-01T00:00:00.000Z\trequest\tINFO\t${JSON.stringify(toLogFields(STEP_EVENT.started, STEP))}`;
  expect(parseLogLine(line)).toMatchObject({ event: 'step-started' });
});
