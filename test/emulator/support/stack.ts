// Stacks of CloudFormation.
import { randomUUID } from 'node:crypto';
import type { CloudFormation } from '@aws-sdk/client-cloudformation';

/** Seconds. */
const WAITING = { maxWaitTime: 20, minDelay: 0.1, maxDelay: 0.1 };

/** Creates a stack and waits. @throws Error if the creation fails. @returns the stack's name */
export async function createStack(
  client: CloudFormation,
  TemplateBody: string,
  StackName = `stack-${randomUUID()}`,
): Promise<string> {
  await client.createStack({ StackName, TemplateBody });
  await client.waitUntilStackCreateComplete({ StackName }, WAITING);
  return StackName;
}

/** Updates the stack and waits. @throws Error if the update fails. */
export async function updateStack(client: CloudFormation, StackName: string, TemplateBody: string): Promise<void> {
  await client.updateStack({ StackName, TemplateBody });
  await client.waitUntilStackUpdateComplete({ StackName }, WAITING);
}

/** Deletes the stack and waits. */
export async function deleteStack(client: CloudFormation, StackName: string): Promise<void> {
  await client.deleteStack({ StackName });
  await client.waitUntilStackDeleteComplete({ StackName }, WAITING);
}

export async function outputsOf(client: CloudFormation, StackName: string): Promise<Record<string, string>> {
  const { Stacks = [] } = await client.describeStacks({ StackName });
  const outputs = Stacks[0]?.Outputs ?? [];
  return Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
}

/** The reasons of the resources that could not be created or updated. */
export async function failureReasons(client: CloudFormation, StackName: string): Promise<string> {
  const { StackEvents = [] } = await client.describeStackEvents({ StackName });
  return StackEvents.filter((event) => event.ResourceStatus?.endsWith('_FAILED'))
    .map((event) => event.ResourceStatusReason)
    .join('\n');
}
