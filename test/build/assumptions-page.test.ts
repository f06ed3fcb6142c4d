import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { citations } from '../../build/assumptions-page.ts';
import { ASSUMPTIONS } from '../../cli/verify/register/assumptions.ts';
import { PROJECT } from '../../local/project.ts';
import { ADVICE } from '../../protocol/rotation/failures.ts';

const IDS = ASSUMPTIONS.map(([id]) => id);

describe('the register of assumptions', () => {
  it('has every assumption that the code cites, and no citation lacks an id', () => {
    expect([...citations()].filter(([id]) => !IDS.includes(id))).toEqual([]);
  });

  it('has only assumptions that the code cites, each id once', () => {
    const cited = citations();
    expect(cited.size).toBeGreaterThan(45);
    expect(IDS.filter((id) => !cited.has(id))).toEqual([]);
    expect(new Set(IDS).size).toBe(IDS.length);
  });

  it('names only codes of the function, and variables that it reads', () => {
    const variables = readFileSync(join(PROJECT, 'protocol/rotation/function-settings.ts'), 'utf8');
    const named = ASSUMPTIONS.flatMap(([, { ifFalse }]) => ifFalse.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? []);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !(name in ADVICE) && !variables.includes(`variable: '${name}'`))).toEqual([]);
  });

  it.each(['local-cloud', 'api-keys-simulator'])('has every id that docs/%s.md names', (name) => {
    const page = readFileSync(join(PROJECT, `docs/${name}.md`), 'utf8');
    const named = [...page.matchAll(/`((?:sm|aws|milvus|zilliz|keys)-[a-z-]+)`/g)].map(([, id = '']) => id);
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((id) => !IDS.includes(id))).toEqual([]);
  });
});
