import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { createFunctionEnvironmentReader } from '../../../cli/aws/lambda-function-environment.ts';
import { type Answer, clientConfig } from '../../support/aws-answers.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:zilliz-rotation';

function reader(...answers: Answer[]) {
  const { config, requests } = clientConfig(...answers);
  return { read: createFunctionEnvironmentReader(new LambdaClient(config)), requests };
}

describe('the environment of a function on Lambda', () => {
  it('is read once for each function', async () => {
    const Environment = { Variables: { SECRET_TARGETS: '{}' } };
    const { read, requests } = reader({ body: { Environment } }, { body: {} });

    expect(await Promise.all([read(ARN), read(ARN)])).toEqual([Environment.Variables, Environment.Variables]);
    expect(await read(`${ARN}-2`)).toEqual({});
    expect(requests).toHaveLength(2);
  });

  it.each([
    ['AWS denies the call', { status: 403, body: { __type: 'AccessDeniedException', message: 'not authorized' } }],
    ['AWS cannot decrypt it', { body: { Environment: { Error: { ErrorCode: 'AccessDeniedException' } } } }],
  ])('is an AwsError if %s', async (_, answer) => {
    await expect(reader(answer).read(ARN)).rejects.toMatchObject({ name: 'AwsError', kind: 'access-denied' });
  });
});
