import { randomUUID } from 'node:crypto';
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  InvokeCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { functionZip } from './function-zip.ts';
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

/** Creates a function whose code is the probe. @returns its name */
export async function createProbe(
  lambda: LambdaClient,
  Role: string,
  settings: Partial<Pick<CreateFunctionCommandInput, 'FunctionName' | 'LoggingConfig' | 'VpcConfig'>> = {},
): Promise<string> {
  const { FunctionName = `function-${randomUUID()}` } = settings;
  const Code = { ZipFile: await functionZip('probe-function.ts') };
  const probe = { FunctionName, Runtime: 'nodejs24.x', Handler: 'index.handler', Role, Code } as const;
  await lambda.send(new CreateFunctionCommand({ ...settings, ...probe }));
  return FunctionName;
}

/** What AWS's documentation names as needed to put a function into a VPC. */
export const INTERFACE_ACTIONS = [
  'AssignPrivateIpAddresses',
  'CreateNetworkInterface',
  'DeleteNetworkInterface',
  'DescribeNetworkInterfaces',
  'DescribeSubnets',
  'UnassignPrivateIpAddresses',
] as const;
