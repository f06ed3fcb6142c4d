// A function that sends the call of its event and returns the answer.
import { type Answer, type Call, signedRequest } from './signed-request.ts';

export function handler(call: Call): Promise<Answer> {
  const variable = (name: string): string => process.env[name] ?? '';
  return signedRequest(
    {
      endpoint: variable('AWS_ENDPOINT_URL'),
      region: variable('AWS_REGION'),
      credentials: {
        accessKeyId: variable('AWS_ACCESS_KEY_ID'),
        secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
        sessionToken: variable('AWS_SESSION_TOKEN'),
      },
    },
    call,
  );
}
