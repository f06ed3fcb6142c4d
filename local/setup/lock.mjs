import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { endTree, startOf } from './processes.mjs';

const POLL_MS = 200;
/** Must be longer than a process needs between the check of a lock and its removal. */
const SETTLE_MS = 50;

/**
 * Waits until no other process holds the lock, then takes it. If the holder of a lock has ended,
 * the function ends the commands that the holder left running, and takes the lock over.
 *
 * @param {string} file
 * @param {(pid: number) => void} onWait Called once if another process holds the lock.
 * @returns {Promise<{ protect(pid: number): void, release(): void }>} `protect` records a command
 * that works under the lock. The command must lead a process group.
 */
export async function takeLock(file, onWait) {
  const own = { id: randomUUID(), holder: identify(process.pid), commands: [] };
  let waited = false;
  while (!(await acquire(file, own))) {
    const current = read(file);
    if (current !== undefined && !isRunning(current.holder)) {
      await endAll(current.commands);
      remove(file, current);
      continue;
    }
    if (current !== undefined && !waited) {
      waited = true;
      onWait(current.holder.pid);
    }
    await sleep(POLL_MS);
  }
  const release = () => {
    process.removeListener('exit', release);
    if (read(file)?.id === own.id) {
      unlinkSync(file);
    }
  };
  process.on('exit', release);
  const protect = (pid) => {
    own.commands.push(identify(pid));
    // A rename is atomic: another process reads either the old text or the new text.
    renameSync(draftOf(file, own), file);
  };
  return { protect, release };
}

async function acquire(file, own) {
  const draft = draftOf(file, own);
  // A link appears together with its content, and fails if the name exists.
  const isFirst = succeedsUnless('EEXIST', () => linkSync(draft, file));
  unlinkSync(draft);
  if (!isFirst) {
    return false;
  }
  // Another process may have checked the previous lock and removed this lock by mistake. Then this
  // lock is lost.
  await sleep(SETTLE_MS);
  return read(file)?.id === own.id;
}

/** Removes the lock if it is still the lock that the caller has read. */
function remove(file, expected) {
  const aside = `${file}.${randomUUID()}`;
  if (!succeedsUnless('ENOENT', () => renameSync(file, aside))) {
    return; // Another process has removed the lock.
  }
  if (read(aside)?.id !== expected.id) {
    // This is the lock of a running process, so put it back. If a third lock exists by now,
    // `acquire` reports the loss.
    succeedsUnless('EEXIST', () => linkSync(aside, file));
  }
  unlinkSync(aside);
}

async function endAll(commands) {
  for (const command of commands.filter(isRunning)) {
    endTree(command.pid, 'SIGKILL');
    while (isRunning(command)) {
      await sleep(10);
    }
  }
}

/** @returns false if the action fails with this code. */
function succeedsUnless(code, action) {
  try {
    action();
    return true;
  } catch (error) {
    if (error.code === code) {
      return false;
    }
    throw error;
  }
}

function draftOf(file, content) {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(content));
  return draft;
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

const identify = (pid) => ({ pid, started: startOf(pid) });

const isRunning = ({ pid, started }) => started !== undefined && startOf(pid) === started;
