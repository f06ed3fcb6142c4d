import { resolve } from 'node:path';
import type * as z from 'zod';
import { ZILLIZ_CLOUD_DOMAINS } from '../../../protocol/cluster/endpoint.ts';
import { readCertificateAuthority } from '../../rules/certificate-authority.ts';
import { endpointFormProblem, endpointProblem } from '../../rules/endpoint-problem.ts';
import { FUNCTION_FIELDS, passwordProblem } from '../../rules/function-settings.ts';
import { type Mistake, type Path, valueAt } from '../../rules/mistake.ts';
import { checkSchedule, DEFAULT_SCHEDULE } from '../../rules/schedule-rules.ts';
import { canBeSpread, openedLater } from '../../rules/spread.ts';
import { ROTATION_FIELDS } from '../schema/rotation-schema.ts';
import { adminMistakes } from './admin-checks.ts';
import { fleetMistakes } from './fleet-checks.ts';
import { identityMistakes } from './identity-checks.ts';
import { type Deployment, locationMistakes } from './location-checks.ts';
import { strategyMistakes } from './strategy-checks.ts';
import { sameUserMistakes } from './user-checks.ts';

/**
 * The rules that need more than one key. They check the file as written, beside the schema, so
 * that one run reports both kinds of mistake. They skip values that the schema refuses.
 */
export function crossCheck(root: unknown, directory: string, deployment: Deployment): Mistake[] {
  const entries = itemsAt(root, ['secrets']);
  return [
    ...passwordMistakes(root),
    ...authorityMistakes(root, directory),
    ...adminMistakes(root, entries),
    ...entries.flatMap((entry) => windowMistakes(root, entry)),
    ...endpointMistakes(root, [
      ['function', 'clusterEndpoint'],
      ...itemsAt(root, ['function', 'vpc', 'privateLink', 'endpoints']),
      ...entries.map((entry) => [...entry, 'endpoint']),
    ]),
    ...fleetMistakes(root, entries),
    ...identityMistakes(root, entries),
    ...locationMistakes(root, entries, deployment),
    ...strategyMistakes(root, entries),
    ...sameUserMistakes(root, entries),
  ];
}

function itemsAt(root: unknown, path: Path): Path[] {
  const list = valueAt(root, path);
  return Array.isArray(list) ? list.map((_, index) => [...path, index]) : [];
}

/** The value at the path, or the default. `undefined` if the field refuses it. */
function validAt<Value>(root: unknown, path: Path, field: z.ZodType<Value>, byDefault?: Value): Value | undefined {
  return field.safeParse(valueAt(root, path) ?? byDefault).data;
}

function passwordMistakes(root: unknown): Mistake[] {
  const path = ['function', 'passwordExcludeCharacters'];
  const passwordLength = validAt(root, ['function', 'passwordLength'], FUNCTION_FIELDS.passwordLength);
  const value = validAt(root, path, FUNCTION_FIELDS.passwordExcludeCharacters);
  const rule =
    value === undefined
      ? undefined
      : passwordProblem({ passwordExcludeCharacters: value, ...(passwordLength !== undefined && { passwordLength }) });
  return rule === undefined ? [] : [{ path, value, rule }];
}

function authorityMistakes(root: unknown, directory: string): Mistake[] {
  const path = ['function', 'caFile'];
  const value = valueAt(root, path);
  if (typeof value !== 'string') {
    return [];
  }
  const authority = readCertificateAuthority(resolve(directory, value));
  return authority.kind === 'unusable' ? [{ path, value, rule: authority.rule }] : [];
}

/** Schedule, window and spread depend on each other. Each may be in the entry or the defaults. */
function windowMistakes(root: unknown, entry: Path): Mistake[] {
  const pathOf = (key: keyof typeof ROTATION_FIELDS): Path =>
    valueAt(root, [...entry, key]) === undefined ? ['defaults', key] : [...entry, key];
  const schedule = valueAt(root, pathOf('schedule')) ?? DEFAULT_SCHEDULE;
  if (typeof schedule !== 'string' || checkSchedule(schedule).kind === 'invalid') {
    return [];
  }
  const duration = validAt(root, pathOf('duration'), ROTATION_FIELDS.duration);
  const hours = validAt(root, pathOf('spreadHours'), ROTATION_FIELDS.spreadHours);
  const spreadMistake = (rule: string): Mistake[] => [{ path: pathOf('spreadHours'), value: hours, rule }];
  if (hours !== undefined && !canBeSpread(schedule)) {
    return spreadMistake(
      `Write a cron schedule with one hour, such as cron(0 3 ? * SUN *). The schedule ${schedule} cannot be spread.`,
    );
  }
  const lastWindow = checkSchedule(hours === undefined ? schedule : openedLater(schedule, hours - 1), duration);
  if (lastWindow.kind === 'valid') {
    return [];
  }
  return hours === undefined
    ? [{ path: pathOf('duration'), value: duration, rule: lastWindow.rule }]
    : spreadMistake(
        'The last window would end after the UTC day. Choose an earlier hour, fewer hours or a shorter duration.',
      );
}

function endpointMistakes(root: unknown, paths: readonly Path[]): Mistake[] {
  const { allowedEndpoints, allowPlaintext: plaintext } = FUNCTION_FIELDS;
  const allowed = validAt(root, ['function', 'allowedEndpoints'], allowedEndpoints, ZILLIZ_CLOUD_DOMAINS);
  const allowPlaintext = validAt(root, ['function', 'allowPlaintext'], plaintext, false);
  if (allowed === undefined || allowPlaintext === undefined) {
    return [];
  }
  return paths.flatMap((path) => {
    const value = valueAt(root, path);
    if (typeof value !== 'string' || endpointFormProblem(value) !== undefined) {
      return [];
    }
    const rule = endpointProblem(value, { allowed, allowPlaintext });
    return rule === undefined ? [] : [{ path, value, rule }];
  });
}
