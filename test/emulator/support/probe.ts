import type { CreateFunctionCommandInput, Lambda } from '@aws-sdk/client-lambda';
import { functionZip } from './function-zip.ts';
import { createFunction } from './local-aws.ts';
import type { handler } from './probe-function.ts';

/** Lets the probe function send a call. @returns the answer to that call */
export async function callOfCode(
  lambda: Lambda,
  FunctionName: string,
  call: Parameters<typeof handler>[0],
): ReturnType<typeof handler> {
  const answer = await lambda.invoke({ FunctionName, Payload: Buffer.from(JSON.stringify(call)) });
  const text = Buffer.from(answer.Payload ?? []).toString();
  if (answer.FunctionError !== undefined)
    throw new Error(`The function ${FunctionName} failed. Is its code the probe? ${text}`);
  return JSON.parse(text) as Awaited<ReturnType<typeof handler>>;
}

/** Creates a probe function. @returns its ARN */
export async function createProbe(
  lambda: Lambda,
  Role: string,
  settings: Partial<Pick<CreateFunctionCommandInput, 'LoggingConfig'>> = {},
): Promise<string> {
  return createFunction(lambda, await functionZip('probe-function.ts'), { Role, ...settings });
}
