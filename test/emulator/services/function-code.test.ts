import { randomUUID } from 'node:crypto';
import { S3 } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { functionZip } from '../support/function-zip.ts';
import { account, localAws, refusal } from '../support/local-aws.ts';
import { createStack, failureReasons, outputsOf, updateStack } from '../support/stack.ts';

const aws = localAws();

const S3Bucket = 'code';
const stored = { S3Bucket, S3Key: 'function.zip' };
const NO_KEY =
  'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.';
const MISSING = [
  [{ S3Bucket, S3Key: 'none.zip' }, NO_KEY],
  [
    { S3Bucket: 'none', S3Key: 'function.zip' },
    'Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist',
  ],
] as const;
const settings = { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: `arn:aws:iam::${account}:role/any` } as const;
let size: number;

beforeAll(async () => {
  const s3 = new S3({ ...aws.clientConfig, forcePathStyle: true });
  const Body = await functionZip('probe-function.ts');
  size = Body.length;
  await s3.createBucket({ Bucket: S3Bucket });
  await s3.putObject({ Bucket: S3Bucket, Key: stored.S3Key, Body });
});

const create = (FunctionName: string, Code: typeof stored): Promise<unknown> =>
  aws.lambda.createFunction({ FunctionName, Code, ...settings });

async function sizeOf(FunctionName: string): Promise<number | undefined> {
  return (await aws.lambda.getFunctionConfiguration({ FunctionName })).CodeSize;
}

test.each(MISSING)(
  'Lambda refuses code that S3 does not have, in a new and in an existing function: %o',
  async (code, text) => {
    const [FunctionName, refused] = [`function-${randomUUID()}`, `function-${randomUUID()}`];
    await create(FunctionName, stored);
    const expected = `InvalidParameterValueException: ${text}`;
    expect(await refusal(create(refused, code))).toBe(expected);
    await expect(sizeOf(refused)).rejects.toThrow('not found');
    expect(await refusal(aws.lambda.updateFunctionCode({ FunctionName, ...code }))).toBe(expected);
    expect(await sizeOf(FunctionName)).toBe(size);
  },
);

test('CloudFormation fails a function whose code S3 does not have, and keeps the code of an existing function', async () => {
  const refused = `stack-${randomUUID()}`;
  const missing = { S3Bucket, S3Key: 'none.zip' };
  await expect(createStack(aws.stacks, template(missing), refused)).rejects.toThrow('ROLLBACK_COMPLETE');
  expect(await failureReasons(aws.stacks, refused)).toContain(NO_KEY);

  const stack = await createStack(aws.stacks, template(stored));
  const { Name = '' } = await outputsOf(aws.stacks, stack);
  await expect(updateStack(aws.stacks, stack, template(missing))).rejects.toThrow('UPDATE_ROLLBACK_COMPLETE');
  expect(await failureReasons(aws.stacks, stack)).toContain(NO_KEY);
  expect(await sizeOf(Name)).toBe(size);
});

function template(Code: typeof stored): string {
  const Resources = { Function: { Type: 'AWS::Lambda::Function', Properties: { ...settings, Code } } };
  return JSON.stringify({ Resources, Outputs: { Name: { Value: { Ref: 'Function' } } } });
}
