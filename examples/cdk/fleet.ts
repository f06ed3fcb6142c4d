// Many secrets from one file, in several stacks. `cdk deploy --all --app "node
// examples/cdk/fleet.ts"`
import { fileURLToPath } from 'node:url';
import { App, type Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { readConfiguration, rotationStacks } from '../../infra/index.ts';

export function fleet(scope: Construct): Stack[] {
  return rotationStacks(scope, readConfiguration(fileURLToPath(new URL('fleet.yaml', import.meta.url))));
}

if (import.meta.main) {
  fleet(new App());
}
