import { resolve } from 'node:path';
import { ZILLIZ_CLOUD_DOMAINS } from '../../cluster/endpoint.ts';
import { alphabetOf, DEFAULT_PASSWORD_POLICY, PasswordPolicyError } from '../../cluster/password-policy.ts';
import { readCertificateAuthority } from '../rules/certificate-authority.ts';
import { endpointFormProblem, endpointProblem } from '../rules/endpoint-problem.ts';
import { checkSchedule } from '../rules/schedule-rules.ts';
import { canBeSpread, openedLater } from '../rules/spread.ts';
import { DEFAULT_SCHEDULE } from './configuration.ts';
import { fleetMistakes } from './fleet-checks.ts';
import { identityMistakes } from './identity-checks.ts';
import { type Mistake, type Path, valueAt } from './mistake.ts';

/**
 * What no single key shows. Looks at the file as it is written and passes over what the schema already objects to, so that
 * both kinds of mistake are told at once.
 */
export function crossCheck(root: unknown, directory: string): Mistake[] {
  const paths = itemsAt(root, ['secrets']);
  return [
    ...passwordMistakes(root),
    ...authorityMistakes(root, directory),
    ...adminMistakes(root),
    ...paths.flatMap((path) => windowMistakes(root, path)),
    ...endpointMistakes(root, [
      ['function', 'clusterEndpoint'],
      ...itemsAt(root, ['function', 'vpc', 'privateLink', 'endpoints']),
      ...paths.map((path) => [...path, 'endpoint']),
    ]),
    ...fleetMistakes(root, paths),
    ...identityMistakes(root, paths),
  ];
}

function itemsAt(root: unknown, path: Path): Path[] {
  const list = valueAt(root, path);
  return Array.isArray(list) ? list.map((_, index) => [...path, index]) : [];
}

function passwordMistakes(root: unknown): Mistake[] {
  const length = valueAt(root, ['function', 'passwordLength']) ?? DEFAULT_PASSWORD_POLICY.length;
  const path = ['function', 'passwordExcludeCharacters'];
  const excludeCharacters = valueAt(root, path);
  if (typeof length !== 'number' || length < 8 || length > 64 || typeof excludeCharacters !== 'string') {
    return [];
  }
  try {
    alphabetOf({ length, excludeCharacters });
    return [];
  } catch (error) {
    if (error instanceof PasswordPolicyError) {
      return [{ path, value: excludeCharacters, rule: error.message }];
    }
    throw error;
  }
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

/** It would be of no effect, and whoever wrote it believes that there is an admin credential. */
function adminMistakes(root: unknown): Mistake[] {
  const path = ['function', 'adminSecretKmsKeyArn'];
  const value = valueAt(root, path);
  return value === undefined || valueAt(root, ['function', 'adminSecretArn']) !== undefined
    ? []
    : [
        {
          path,
          value,
          rule: 'This is the key of an admin secret, and there is none. Write function.adminSecretArn too.',
        },
      ];
}

/** Window and spread are judged together with the schedule, which may stand with the secret or with the defaults. */
function windowMistakes(root: unknown, path: Path): Mistake[] {
  const own = (key: string): Path => [...path, key];
  const where = (key: string): Path => (valueAt(root, own(key)) === undefined ? ['defaults', key] : own(key));
  const schedule = valueAt(root, where('schedule')) ?? DEFAULT_SCHEDULE;
  const duration = valueAt(root, where('duration'));
  const spreadHours = valueAt(root, where('spreadHours'));
  if (typeof schedule !== 'string' || checkSchedule(schedule).kind === 'invalid') {
    return [];
  }
  const hours = typeof spreadHours === 'number' && spreadHours >= 2 && spreadHours <= 23 ? spreadHours : 1;
  if (hours > 1 && !canBeSpread(schedule)) {
    const rule = `Only a schedule with one hour can be spread, as cron(0 3 ? * SUN *), and this one is ${schedule}.`;
    return [{ path: where('spreadHours'), value: spreadHours, rule }];
  }
  const window = typeof duration === 'string' && /^([1-9]|1\d|2[0-4])h$/.test(duration) ? duration : undefined;
  const check = checkSchedule(openedLater(schedule, hours - 1), window);
  if (check.kind === 'valid') {
    return [];
  }
  return check.field === 'duration' && hours === 1
    ? [{ path: where('duration'), value: duration, rule: check.rule }]
    : [
        {
          path: where('spreadHours'),
          value: spreadHours,
          rule: 'The last window would reach into the next UTC day. Begin earlier, or spread over fewer hours.',
        },
      ];
}

function endpointMistakes(root: unknown, paths: readonly Path[]): Mistake[] {
  const allowed = valueAt(root, ['function', 'allowedEndpoints']) ?? ZILLIZ_CLOUD_DOMAINS;
  const allowPlaintext = valueAt(root, ['function', 'allowPlaintext']) ?? false;
  if (
    !Array.isArray(allowed) ||
    !allowed.every((host) => typeof host === 'string') ||
    typeof allowPlaintext !== 'boolean'
  ) {
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
