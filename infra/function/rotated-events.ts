import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ROTATED_EVENT } from '../../protocol/rotation/rotated-event.ts';

/** Allows the role to send this one event to the default bus of its account and region. */
export function allowRotatedEvents(role: IRole): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['events:PutEvents'],
      resources: [Stack.of(role).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })],
      conditions: {
        StringEquals: { 'events:source': ROTATED_EVENT.source, 'events:detail-type': ROTATED_EVENT.detailType },
      },
    }),
  );
}
