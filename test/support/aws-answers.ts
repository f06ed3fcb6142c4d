import { Readable } from 'node:stream';

/** The answer of AWS to one request, or a network failure. */
export type Answer = { status?: number; body: Record<string, unknown> } | { fails: Error };

export interface SentRequest {
  /** The API action: `GetSecretValue`. Absent for a REST API. */
  readonly action: string | undefined;
  readonly body: unknown;
}

interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface ClientConfig {
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  maxAttempts: number;
  requestHandler: { handle: (request: HttpRequest) => Promise<{ response: never }> };
}

/**
 * The configuration of an AWS client whose requests this function answers. The tests thus include
 * how the SDK parses answers and errors.
 */
export function configAnsweredBy(answer: (request: SentRequest) => Answer | Promise<Answer>): ClientConfig {
  return {
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' },
    maxAttempts: 1,
    requestHandler: {
      handle: async ({ headers, body }) => {
        const action = headers['x-amz-target']?.split('.').at(-1);
        const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : body;
        const answered = await answer({ action, body: text === undefined ? undefined : JSON.parse(text) });
        if ('fails' in answered) {
          throw answered.fails;
        }
        const response = {
          statusCode: answered.status ?? 200,
          headers: { 'content-type': 'application/x-amz-json-1.1' },
          body: Readable.from([JSON.stringify(answered.body)]),
        };
        return { response: response as never };
      },
    },
  };
}

/**
 * The configuration of an AWS client that gets these answers in turn, and the last answer for
 * every further request.
 */
export function clientConfig(...answers: Answer[]): { config: ClientConfig; requests: SentRequest[] } {
  const requests: SentRequest[] = [];
  const config = configAnsweredBy((request) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(request);
    return answer ?? { fails: new Error('the test gave no answer') };
  });
  return { config, requests };
}
