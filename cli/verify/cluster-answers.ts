import { type Change, type Cluster, ClusterUnavailableError, type Login } from '../../protocol/cluster/cluster.ts';
import { TRANSPORTS } from '../../protocol/cluster/endpoint.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { holdsIf, type Observation, type TemporaryRotation } from './check.ts';

/** What a cluster said about a request. */
type Answer = Login | Change | ClusterUnavailableError;

/**
 * Sends each request over gRPC, and over REST if the endpoint serves it. Holds if every answer is
 * the expected one.
 */
export async function overBoth(
  { clusters, servesRest }: TemporaryRotation,
  expected: string,
  requests: readonly ((cluster: Cluster) => Promise<Login | Change>)[],
): Promise<Observation> {
  const served = TRANSPORTS.filter((transport) => transport === 'grpc' || servesRest);
  const answers: Answer[] = [];
  const texts: string[] = [];
  for (const transport of served) {
    for (const request of requests) {
      const answer = await catchKnown(request(clusters[transport]), ClusterUnavailableError);
      answers.push(answer);
      texts.push(`${transport === 'grpc' ? 'gRPC' : 'REST'}: ${textOf(answer)}`);
    }
  }
  return holdsIf(
    answers.every((answer) => wordOf(answer) === expected),
    [...texts, ...(servesRest ? [] : ['REST: not served'])].join(', '),
  );
}

export function wordOf(answer: Answer): string {
  return 'reason' in answer ? answer.reason : answer.kind;
}

export function textOf(answer: Answer): string {
  const code =
    answer instanceof ClusterUnavailableError
      ? /\b(?:gRPC|REST|HTTP) \d{1,5}(?=:)/.exec(answer.message)?.[0]
      : codeIn('answer' in answer ? answer.answer : '');
  return code === undefined ? wordOf(answer) : `${wordOf(answer)} (${code})`;
}

/** The code at the start of an answer, without the text of the cluster. */
export function codeIn(answer: string): string | undefined {
  return /^[A-Za-z]+ \d{1,5}(?=:)/.exec(answer)?.[0];
}

export function clusterOf({ clusters, transport }: TemporaryRotation): Cluster {
  return clusters[transport];
}
