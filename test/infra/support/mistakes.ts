import { expect } from 'vitest';
import { parseConfiguration } from '../../../infra/configuration/read-configuration.ts';

/** The lines of the message without the first line, which has the number of mistakes. */
export function mistakesIn(text: string, file = 'rotation.yaml'): string[] {
  try {
    parseConfiguration(text, file);
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
  return [];
}

/** @param place `LINE:COLUMN` */
export function expectOneMistake(text: string, place: string, message: string): void {
  const [mistake, ...others] = mistakesIn(text);
  expect(mistake).toContain(`  rotation.yaml:${place}  `);
  expect(mistake).toContain(message);
  expect(others).toEqual([]);
}
