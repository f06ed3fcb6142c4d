// Stacks of CloudFormation.
import { randomUUID } from 'node:crypto';
import {
  type CloudFormation,
  waitUntilStackCreateComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';

export interface Waiter {
  readonly client: CloudFormation;
  readonly maxWaitTime: number;
  readonly minDelay: number;
  readonly maxDelay: number;
}

export const waiter = (client: CloudFormation): Waiter => ({
  client,
  maxWaitTime: 20,
  minDelay: 0.1,
  maxDelay: 0.1,
});

/** Creates a stack and waits. @throws Error if the creation fails. @returns the stack's name */
export async function createStack(
  client: CloudFormation,
  TemplateBody: string,
  StackName = `stack-${randomUUID()}`,
): Promise<string> {
  await client.createStack({ StackName, TemplateBody });
  await waitUntilStackCreateComplete(waiter(client), { StackName });
  return StackName;
}

/** Updates the stack and waits. @throws Error if the update fails. */
export async function updateStack(client: CloudFormation, StackName: string, TemplateBody: string): Promise<void> {
  await client.updateStack({ StackName, TemplateBody });
  await waitUntilStackUpdateComplete(waiter(client), { StackName });
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
