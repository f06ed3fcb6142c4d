import { httpFront } from '../../../local/servers/http-front.ts';
import { type Listening, listenOnLoopback } from '../../../local/servers/ports.ts';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';

/** AWS that rotates at a schedule at once, and loses AWSPREVIOUS if AWSCURRENT moves. */
export async function strangeAws(awsUrl: string): Promise<Listening> {
  const front = httpFront(awsUrl, async ({ name, body, forward }) => {
    if (name === 'RotateSecret') {
      return await forward(JSON.stringify({ ...JSON.parse(body), RotateImmediately: true }));
    }
    const answer = await forward();
    if (name === 'UpdateSecretVersionStage' && answer.status === 200) {
      const { SecretId, VersionStage, RemoveFromVersionId } = JSON.parse(body) as Record<string, string>;
      const lost = { SecretId, RemoveFromVersionId, VersionStage: AWSPREVIOUS };
      await (VersionStage === AWSCURRENT && forward(JSON.stringify(lost)));
    }
    return answer;
  });
  return await listenOnLoopback(front);
}

/** REST of Milvus that answers an unknown user of `verify` otherwise than a wrong password. */
export async function strangeRest(restUrl: string): Promise<Listening> {
  const front = httpFront(restUrl, async ({ headers, forward }) => {
    const answer = await forward();
    return headers.authorization?.includes('zunknown_') ? { ...answer, status: 500 } : answer;
  });
  return await listenOnLoopback(front);
}
