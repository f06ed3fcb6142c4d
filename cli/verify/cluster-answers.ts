import {
  type Change,
  type Cluster,
  ClusterUnavailableError,
  type Credentials,
  type Login,
} from '../../protocol/cluster/cluster.ts';
import type { Transport } from '../../protocol/cluster/endpoint.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { holdsIf, type Observation, type TemporaryRotation, UndecidedError } from './check.ts';

export const TRANSPORT_NAMES: Readonly<Record<Transport, string>> = { grpc: 'gRPC', rest: 'REST' };

/** What a cluster said about a request. */
type Answer = Login | Change | ClusterUnavailableError;

/**
 * Sends each request over each transport. Holds if every answer is the expected one.
 *
 * @throws UndecidedError
 */
export async function overBoth(
  { clusters }: Pick<TemporaryRotation, 'clusters'>,
  expected: string,
  requests: readonly ((cluster: Cluster) => Promise<Login | Change>)[],
): Promise<Observation> {
  const answers: [string, Answer][] = [];
  for (const [transport, cluster] of clusters) {
    for (const request of requests) {
      const answer = await catchKnown(request(cluster), ClusterUnavailableError);
      answers.push([TRANSPORT_NAMES[transport], answer]);
    }
  }
  return judge(expected, answers);
}

/** Holds if every answer is the expected one. @throws UndecidedError if an answer never came */
export function judge(expected: string, answers: readonly (readonly [string, Answer])[]): Observation {
  if (answers.length === 0 || answers.some(([, answer]) => isSilence(answer))) {
    throw new UndecidedError('The cluster gave no answer.');
  }
  return holdsIf(
    answers.every(([, answer]) => wordOf(answer) === expected),
    answers.map(([about, answer]) => `${about}: ${textOf(answer)}`).join('; '),
  );
}

function isSilence(answer: Answer): boolean {
  return answer instanceof ClusterUnavailableError
    ? answer.kind !== 'not-ready'
    : answer.kind === 'lost' && / is (silent|unreachable): /.test(answer.answer);
}

/** @throws ClusterUnavailableError */
export async function accepts(cluster: Cluster, credentials: Credentials): Promise<boolean> {
  return (await cluster.authenticates(credentials)).kind === 'accepted';
}

export function wordOf(answer: Answer): string {
  return 'reason' in answer ? answer.reason : answer.kind;
}

export function textOf(answer: Answer): string {
  const quote = answer instanceof ClusterUnavailableError ? answer.message : 'answer' in answer ? answer.answer : '';
  const code = codeIn(quote);
  return code === undefined ? wordOf(answer) : `${wordOf(answer)} (${code})`;
}

/** The code of an answer, without the text of the cluster. */
export function codeIn(answer: string): string | undefined {
  return /^[A-Za-z]+ \d{1,5}(?=:)|\b(?:gRPC|REST|HTTP) \d{1,5}(?=:)/.exec(answer)?.[0];
}
