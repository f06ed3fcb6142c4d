import type { Deployment } from '../../../infra/configuration/checks/location-checks.ts';
import { parseConfiguration } from '../../../infra/configuration/read-configuration.ts';

/** The lines of the message without the first line, which has the number of mistakes. */
export function mistakesIn(text: string, deployment: Deployment = {}): string[] {
  try {
    parseConfiguration(text, 'rotation.yaml', deployment);
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
  return [];
}
