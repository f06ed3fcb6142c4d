import { Readable } from 'node:stream';

/** The answer of AWS to one request, or a network failure. */
export type Answer = { status?: number; body: Record<string, unknown> } | { fails: Error };

interface SentRequest {
  /** The API action: `GetSecretValue`. Absent for a REST API. */
  readonly action: string | undefined;
  readonly body: unknown;
}

interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/**
 * The configuration of an AWS client that gets these answers in turn, and the last answer for
 * every further request. The tests thus include how the SDK parses answers and errors.
 */
export function clientConfig(...answers: Answer[]): {
  config: {
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
    requestHandler: { handle: (request: HttpRequest) => Promise<{ response: never }> };
  };
  requests: SentRequest[];
} {
  const requests: SentRequest[] = [];
  return {
    requests,
    config: {
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' },
      maxAttempts: 1,
      requestHandler: {
        handle: async ({ headers, body }) => {
          const answer = answers[Math.min(requests.length, answers.length - 1)];
          requests.push({
            action: headers['x-amz-target']?.split('.').at(-1),
            body: body === undefined ? undefined : JSON.parse(textOf(body)),
          });
          if (answer === undefined || 'fails' in answer) {
            throw answer?.fails ?? new Error('the test gave no answer');
          }
          const response = {
            statusCode: answer.status ?? 200,
            headers: { 'content-type': 'application/x-amz-json-1.1' },
            body: Readable.from([JSON.stringify(answer.body)]),
          };
          return { response: response as never };
        },
      },
    },
  };
}

function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}
