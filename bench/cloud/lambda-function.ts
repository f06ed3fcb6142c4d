import { AddPermissionCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { LOCAL_ACCOUNT } from '../../local/cloud/access.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { awsOptions } from './aws-options.ts';

/**
 * Creates a function that Secrets Manager may invoke.
 *
 * @param source an ES module that exports `handler`.
 * @returns the ARN
 */
export async function createFunction({ access }: AttachedCloud, name: string, source: string): Promise<string> {
  const lambda = new LambdaClient(awsOptions(access));
  const { FunctionArn = '' } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::${LOCAL_ACCOUNT}:role/${name}`,
      Timeout: 60,
      Code: { ZipFile: zipSync({ 'index.mjs': strToU8(source) }) },
    }),
  );
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: name,
      StatementId: 'secrets-manager',
      Action: 'lambda:InvokeFunction',
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: LOCAL_ACCOUNT,
    }),
  );
  return FunctionArn;
}
