import { resolve } from 'node:path';
import { ZILLIZ_CLOUD_DOMAINS } from '../../cluster/endpoint.ts';
import { alphabetOf, DEFAULT_PASSWORD_POLICY, PasswordPolicyError } from '../../cluster/password-policy.ts';
import { checkSchedule } from '../schedule-rules.ts';
import { readCertificateAuthority } from './certificate-authority.ts';
import { nameInArn } from './configuration.ts';
import { endpointFormProblem, endpointProblem } from './endpoint-problem.ts';
import { type Mistake, valueAt } from './mistake.ts';
import { SECRET_KINDS } from './secret-schema.ts';

type Path = readonly PropertyKey[];

/**
 * What no single key shows. Looks at the file as it is written and passes over what the schema already objects to, so that
 * both kinds of mistake are told at once.
 */
export function crossCheck(root: unknown, directory: string): Mistake[] {
  const secrets = valueAt(root, ['secrets']);
  const count = Array.isArray(secrets) ? secrets.length : 0;
  const paths = Array.from({ length: count }, (_, index): Path => ['secrets', index]);
  return [
    ...passwordMistakes(root),
    ...authorityMistakes(root, directory),
    ...paths.flatMap((path) => windowMistakes(root, path)),
    ...endpointMistakes(root, [['function', 'clusterEndpoint'], ...paths.map((path) => [...path, 'endpoint'])]),
    ...duplicates(root, paths),
  ];
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

function windowMistakes(root: unknown, path: Path): Mistake[] {
  const schedule = valueAt(root, [...path, 'schedule']) ?? 'rate(30 days)';
  const duration = valueAt(root, [...path, 'duration']);
  if (typeof schedule !== 'string' || typeof duration !== 'string' || !/^([1-9]|1\d|2[0-4])h$/.test(duration)) {
    return [];
  }
  const check = checkSchedule(schedule, duration);
  return check.kind === 'invalid' && check.field === 'duration'
    ? [{ path: [...path, 'duration'], value: duration, rule: check.rule }]
    : [];
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

/** Two schedules for one secret would undo each other, and the second would fail half-way through a deployment. */
function duplicates(root: unknown, paths: readonly Path[]): Mistake[] {
  const first = new Map<string, number>();
  return paths.flatMap((path, index) => {
    const named = nameAt(root, path);
    if (named === undefined) {
      return [];
    }
    const earlier = first.get(named.name);
    if (earlier === undefined) {
      first.set(named.name, index);
      return [];
    }
    return [
      {
        path: named.path,
        value: named.value,
        rule: `This is the secret of secrets[${earlier}] again. List each secret once.`,
      },
    ];
  });
}

function nameAt(root: unknown, path: Path): { path: Path; value: string; name: string } | undefined {
  for (const kind of SECRET_KINDS) {
    const value = valueAt(root, [...path, kind]);
    if (typeof value === 'string') {
      return { path: [...path, kind], value, name: kind === 'arn' ? (nameInArn(value) ?? value) : value };
    }
  }
  return undefined;
}
