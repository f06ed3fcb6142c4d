import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournalFile } from '../../cli/journal-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  path = join(folder, 'journal.jsonl');
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('a journal file', () => {
  it('has every text in order as soon as its append resolves', async () => {
    const file = await openJournalFile(path);
    const texts = Array.from({ length: 50 }, (_, index) => `${index}\n`);

    await Promise.all(
      texts.map(async (text, index) => {
        await file.append(text);
        expect(readFileSync(path, 'utf8')).toContain(texts.slice(0, index + 1).join(''));
      }),
    );
    await file.close();

    expect(readFileSync(path, 'utf8')).toBe(texts.join(''));
  });

  it('continues behind the bytes that stay', async () => {
    writeFileSync(path, 'complete\ntorn');
    const file = await openJournalFile(path, 9);

    await file.append('next\n');
    await file.close();

    expect(readFileSync(path, 'utf8')).toBe('complete\nnext\n');
  });

  it('never overwrites a file', async () => {
    writeFileSync(path, 'before\n');

    await expect(openJournalFile(path)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(path, 'utf8')).toBe('before\n');
  });

  it.skipIf(process.platform === 'win32')('can be read by its owner only', async () => {
    await (await openJournalFile(path)).close();

    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('rejects an append that cannot be written', async () => {
    const file = await openJournalFile(path);
    await file.close();

    await expect(file.append('late\n')).rejects.toThrow();
  });
});
