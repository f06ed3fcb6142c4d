// A function that sends a request over HTTPS and returns the status, or the code of the error.
import { request } from 'node:https';

export function handler({ url, ca }: { url: string; ca: string }): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    const call = request(url, { ca, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    call.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    call.end();
  });
}
