import type { Examination } from '../examine/examination.ts';
import type { Finding } from '../examine/finding.ts';
import { findSharedUsers } from '../examine/shared-users.ts';
import { usersOfSecret } from '../examine/users-of-secret.ts';
import { truncatedList } from '../outcome/failure.ts';
import { paragraph } from '../terminal/text.ts';
import type { StatusEntry } from './examine-all.ts';

export function refusedText({ result, findings, place }: StatusEntry): string {
  return result.kind === 'examined'
    ? ''
    : paragraph(`${result.secretId}: cannot be examined (${result.code})`, [
        ['message', result.message],
        ['advice', result.advice],
        place === undefined ? undefined : ['place', place],
        ...findings.flatMap(findingLines),
      ]);
}

/** Only what is wrong. A finding that several secrets share, once. */
export function findingsTexts(entries: readonly StatusEntry[]): readonly string[] {
  const { texts, others } = takeShared(entries);
  return [
    ...texts,
    ...others.flatMap((entry) => {
      const { result, findings } = entry;
      return result.kind === 'refused'
        ? [refusedText(entry)]
        : findings.length === 0
          ? []
          : [paragraph(result.secret.name, findings.flatMap(findingLines))];
    }),
  ];
}

interface SharedFindings {
  /** A paragraph for each finding that several secrets share, as one about their function. */
  readonly texts: readonly string[];
  /** The entries with their other findings. */
  readonly others: readonly StatusEntry[];
}

export function takeShared(entries: readonly StatusEntry[]): SharedFindings {
  const all = entries.flatMap(({ result, findings }) =>
    result.kind === 'examined' ? findings.map((finding) => ({ finding, name: result.secret.name })) : [],
  );
  const groups = [...Map.groupBy(all, ({ finding }) => `${finding.message} ${finding.advice}`).values()];
  const shared = groups.filter(({ length }) => length > 1);
  const isShared = ({ message, advice }: Finding): boolean =>
    shared.some(([first]) => first?.finding.message === message && first.finding.advice === advice);
  const textOf = (group: typeof all): string => {
    const names = group.map(({ name }) => name);
    const lines = group.slice(0, 1).flatMap(({ finding }) => findingLines(finding));
    return paragraph(`${group.length} secrets: ${truncatedList(names, ', ')}`, lines);
  };
  return {
    texts: shared.map(textOf),
    others: entries.map((entry) => ({ ...entry, findings: entry.findings.filter((each) => !isShared(each)) })),
  };
}

export function findingLines({
  severity,
  code,
  message,
  advice,
}: Finding): readonly (readonly [key: string, text: string])[] {
  return [[severity, `${message} (${code})`], ...(advice === '' ? [] : [['', advice] as const])];
}

/** Several of the secrets for one cluster user. */
export interface Clash {
  readonly endpoint: string;
  /** `null`: the name may be a part of a password. */
  readonly username: string | null;
  /** Names of the secrets. */
  readonly secrets: readonly string[];
}

export function findClashes(examinations: readonly Examination[]): readonly Clash[] {
  const compared = examinations.flatMap(({ secret, current, strategy }) =>
    current === undefined ? [] : [usersOfSecret(secret, current.credentials, strategy)],
  );
  return findSharedUsers(compared).map(({ endpoint, username, secrets }) => {
    const holders = examinations.filter(({ secret }) => secrets.some(({ arn }) => arn === secret.arn));
    const isKnown = holders.some(({ knownUsers }) => knownUsers.has(username));
    return { endpoint, username: isKnown ? username : null, secrets: secrets.map(({ name }) => name) };
  });
}

export function clashText({ endpoint, username, secrets }: Clash): string {
  return paragraph(`clash: ${secrets.join(', ')}`, [
    [
      'message',
      `These secrets hold the password of ${username ?? 'the same user'} at ${endpoint}. A rotation of one secret makes the others wrong.`,
    ],
    ['advice', 'Give each secret its own user, or let all applications read one secret.'],
  ]);
}
