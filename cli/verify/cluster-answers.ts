import { type Change, type Cluster, ClusterUnavailableError, type Login } from '../../protocol/cluster/cluster.ts';
import { TRANSPORTS } from '../../protocol/cluster/endpoint.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { holdsIf, type Observation, type TemporaryRotation } from './check.ts';

/** What a cluster said about a request. */
type Answer = Login | Change | ClusterUnavailableError;

/** Asks over gRPC, and over REST if the endpoint serves it. Holds if every answer is the expected. */
export async function overBoth(
  { clusters, servesRest }: TemporaryRotation,
  expected: string,
  ask: (cluster: Cluster) => Promise<Login | Change>,
): Promise<Observation> {
  const texts: string[] = [];
  let isExpected = true;
  for (const transport of TRANSPORTS) {
    if (transport === 'rest' && !servesRest) {
      texts.push('REST: not served');
      continue;
    }
    const answer = await answerOf(ask(clusters[transport]));
    isExpected &&= wordOf(answer) === expected;
    texts.push(`${transport === 'grpc' ? 'gRPC' : 'REST'}: ${textOf(answer)}`);
  }
  return holdsIf(isExpected, texts.join(', '));
}

export async function answerOf(answer: Promise<Login | Change>): Promise<Answer> {
  return await catchKnown(answer, ClusterUnavailableError);
}

export function wordOf(answer: Answer): string {
  return 'reason' in answer ? answer.reason : answer.kind;
}

export function textOf(answer: Answer): string {
  const quote = answer instanceof ClusterUnavailableError ? answer.message : 'answer' in answer ? answer.answer : '';
  const code = codeIn(quote);
  return code === undefined ? wordOf(answer) : `${wordOf(answer)} (${code})`;
}

/** The code at the start of an answer, without the text of the cluster. */
export function codeIn(answer: string): string | undefined {
  return /\b(?:gRPC|REST|HTTP|[A-Z][A-Za-z]+) \d+(?=:)/.exec(answer)?.[0];
}

export function clusterOf({ clusters, transport }: TemporaryRotation): Cluster {
  return clusters[transport];
}
