import { createServer, type IncomingMessage } from 'node:http';
import { send } from '../../../bench/performance/front.ts';
import { type Listening, listenOnLoopback } from '../../../local/servers/ports.ts';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';

type Answer = Awaited<ReturnType<typeof send>>;

/** AWS that rotates at a schedule at once, and loses AWSPREVIOUS if AWSCURRENT moves. */
export async function strangeAws(awsUrl: string): Promise<Listening & { readonly url: string }> {
  return await serve(async (request, text) => {
    const action = String(request.headers['x-amz-target'] ?? '').split('.')[1];
    if (action === 'RotateSecret') {
      return await send(awsUrl, request, JSON.stringify({ ...JSON.parse(text), RotateImmediately: true }));
    }
    const answer = await send(awsUrl, request, text);
    if (action === 'UpdateSecretVersionStage' && answer.status === 200) {
      const { SecretId, VersionStage, RemoveFromVersionId } = JSON.parse(text) as Record<string, string>;
      const lost = { SecretId, RemoveFromVersionId, VersionStage: AWSPREVIOUS };
      await (VersionStage === AWSCURRENT && send(awsUrl, request, JSON.stringify(lost)));
    }
    return answer;
  });
}

/** REST of Milvus that answers an unknown user of `verify` otherwise than a wrong password. */
export async function strangeRest(restUrl: string): Promise<Listening & { readonly url: string }> {
  return await serve(async (request, text) => {
    const answer = await send(restUrl, request, text);
    const isUnknown = request.headers.authorization?.includes('zunknown_');
    return isUnknown ? { ...answer, status: 500 } : answer;
  });
}

async function serve(answerTo: (request: IncomingMessage, text: string) => Promise<Answer>) {
  const server = createServer((request, response) => {
    const relay = async (): Promise<void> => {
      const { status, headers, body } = await answerTo(request, Buffer.concat(await request.toArray()).toString());
      response.writeHead(status, headers).end(body);
    };
    relay().catch(() => response.destroy());
  });
  const listening = await listenOnLoopback(server);
  return { ...listening, url: `http://127.0.0.1:${listening.port}` };
}
