import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file that grows line by line. */
export interface JournalFile {
  /** Resolves as soon as a crash of this machine cannot lose the text. */
  append(text: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a journal. Many appends at a time share one write and one fsync, because an fsync takes
 * milliseconds.
 *
 * @param keep how many bytes of an existing file stay. `undefined`: the file must not exist
 * @throws Node's error if the file cannot be opened
 */
export async function openJournalFile(path: string, keep?: number): Promise<JournalFile> {
  const file = await open(path, keep === undefined ? 'ax' : 'a', 0o600);
  if (keep === undefined) {
    await syncFolder(dirname(path));
  } else {
    await file.truncate(keep);
  }
  let waiting = '';
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const writeAll = async (): Promise<void> => {
    const text = waiting;
    waiting = '';
    next = undefined;
    await file.appendFile(text);
    await file.datasync();
  };

  return {
    append: (text) => {
      waiting += text;
      next ??= writing = writing.then(writeAll);
      return next;
    },
    close: async () => {
      try {
        await writing;
      } finally {
        await file.close();
      }
    },
  };
}

/**
 * Without this, a crash of the machine can lose the name of a new file. Windows has no such call.
 */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') {
    return;
  }
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
