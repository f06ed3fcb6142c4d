import { describe, expect, it } from 'vitest';
import { leftOut, nothing } from '../../build/replacements/left-out.ts';

describe('a module that is left out', () => {
  it('throws its name when something uses it', () => {
    const module = leftOut('winston/index.js', { format: 'json' }) as (() => void) & Record<string, unknown>;
    expect(module['format']).toBe('json');
    expect(() => module['createLogger']).toThrow('winston/index.js');
    expect(module).toThrow('winston/index.js');
  });

  it('may be awaited and imported by a loader of modules', async () => {
    await expect(Promise.resolve(leftOut('dayjs'))).resolves.toBeTypeOf('function');
    expect(Reflect.get(leftOut('dayjs'), '__esModule')).toBeUndefined();
  });
});

describe('a module that only records something', () => {
  const recorder = leftOut('channelz.js', nothing) as Record<'Trace', new () => { count(): { id: number } }>;

  it('answers every call, read and construction, also in a text', async () => {
    const { id } = new recorder.Trace().count();
    expect(String(id)).toContain('function');
    await expect(Promise.resolve(recorder)).resolves.toBe(nothing);
  });
});
