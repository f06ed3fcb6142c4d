import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { handler } from './probe-function.ts';

/** What comes of a call that the code of this function makes, which is the probe. */
export async function callOfCode(
  lambda: LambdaClient,
  FunctionName: string,
  call: Parameters<typeof handler>[0],
): ReturnType<typeof handler> {
  const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(call)) }));
  const text = Buffer.from(answer.Payload ?? []).toString();
  if (answer.FunctionError !== undefined) throw new Error(`${FunctionName} is no probe, or a broken one: ${text}`);
  return JSON.parse(text) as Awaited<ReturnType<typeof handler>>;
}
