import {
  type Change,
  type Cluster,
  ClusterUnavailableError,
  type Credentials,
  type Login,
} from '../../protocol/cluster/cluster.ts';
import type { Transport } from '../../protocol/cluster/endpoint.ts';
import { catchKnown } from '../outcome/failure.ts';
import type { Row } from './json-schema.ts';

/**
 * What a check has seen. `seen` has codes, numbers and times, and no name or text of a service.
 * Another run may decide what is `undecided`.
 */
export type Observation = Readonly<Pick<Row, 'verdict' | 'seen'>>;

export function holdsIf(isTrue: boolean, seen: string): Observation {
  return { verdict: isTrue ? 'holds' : 'differs', seen };
}

type Fact = boolean | readonly [seen: string | number, assumed: string | number];

/** Holds if each fact is as assumed. @param facts by name. A boolean is assumed to be true */
export function compare(facts: Readonly<Record<string, Fact>>): Observation {
  const entries = Object.entries(facts);
  return holdsIf(
    entries.every(([, fact]) => (typeof fact === 'boolean' ? fact : fact[0] === fact[1])),
    entries.map(([name, fact]) => `${name}: ${typeof fact === 'boolean' ? fact : fact[0]}`).join('; '),
  );
}

/** Something prevents a check. The message names no secret, host or account. */
export class UndecidedError extends Error {
  override readonly name = 'UndecidedError' as const;
}

/** @throws UndecidedError */
export function given<T>(needed: T | undefined, reason = 'An earlier check failed to do what this check needs.'): T {
  if (needed === undefined) {
    throw new UndecidedError(reason);
  }
  return needed;
}

/** What a cluster said about a request. */
type Answer = Login | Change | ClusterUnavailableError;

/**
 * Sends each request over each transport. Holds if every answer is the expected one.
 *
 * @param expected the kind of an answer, or the reason of a refusal
 * @throws UndecidedError
 */
export async function overBoth(
  { clusters }: { readonly clusters: ReadonlyMap<Transport, Cluster> },
  expected: string,
  ...requests: ReadonlyArray<(cluster: Cluster) => Promise<Login | Change>>
): Promise<Observation> {
  const answers: [string, Answer][] = [];
  for (const [transport, cluster] of clusters) {
    for (const request of requests) {
      answers.push([transport, await catchKnown(request(cluster), ClusterUnavailableError)]);
    }
  }
  return judgeAnswers(answers, (words) => words.every((word) => word === expected));
}

/**
 * @param answers each with what it is about
 * @param isExpected whether the kinds and reasons of the answers are as assumed
 * @throws UndecidedError if an answer never came
 */
export function judgeAnswers(
  answers: ReadonlyArray<readonly [about: string, Answer]>,
  isExpected: (words: readonly string[]) => boolean,
): Observation {
  if (answers.length === 0 || answers.some(([, answer]) => isSilence(answer))) {
    throw new UndecidedError('The cluster gave no answer.');
  }
  return holdsIf(
    isExpected(answers.map(([, answer]) => wordOf(answer))),
    answers.map(([about, answer]) => `${about}: ${textOf(answer)}`).join('; '),
  );
}

function isSilence(answer: Answer): boolean {
  return answer instanceof ClusterUnavailableError
    ? answer.kind !== 'not-ready'
    : answer.kind === 'lost' && / is (silent|unreachable): /.test(answer.answer);
}

function wordOf(answer: Answer): string {
  return 'reason' in answer ? answer.reason : answer.kind;
}

export function textOf(answer: Answer): string {
  const quote = answer instanceof ClusterUnavailableError ? answer.message : 'answer' in answer ? answer.answer : '';
  const code = codeIn(quote);
  return code === undefined ? wordOf(answer) : `${wordOf(answer)} (${code})`;
}

/** @throws ClusterUnavailableError */
export async function accepts(cluster: Cluster, credentials: Credentials): Promise<boolean> {
  return (await cluster.authenticates(credentials)).kind === 'accepted';
}

/** The code of an answer, without the text of the cluster. */
export function codeIn(answer: string): string | undefined {
  return /^[A-Za-z]+ \d{1,5}(?=:)|\b(?:gRPC|REST|HTTP) \d{1,5}(?=:)/.exec(answer)?.[0];
}
