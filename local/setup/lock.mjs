import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOf } from './process-start.mjs';

const POLL_MS = 200;
/** Longer than another process needs between finding a dead holder's lock and putting it away. */
const SETTLE_MS = 50;

/**
 * Waits until no other process holds the lock, and takes it. The lock of a process that has ended is taken over, and the
 * commands that it left running are ended first.
 *
 * @param {string} file
 * @param {(pid: number) => void} onWait Called once, when another process holds the lock.
 * @returns {Promise<{ protect(pid: number): void, release(): void }>} `protect` notes a command, leader of a process
 * group, that works under this lock.
 */
export async function takeLock(file, onWait) {
  const mine = { id: randomUUID(), holder: identify(process.pid), commands: [] };
  let waited = false;
  while (!(await acquire(file, mine))) {
    const found = read(file);
    if (found !== undefined && !isRunning(found.holder)) {
      await endAll(found.commands);
      putAway(file, found);
      continue;
    }
    if (found !== undefined && !waited) {
      waited = true;
      onWait(found.holder.pid);
    }
    await sleep(POLL_MS);
  }
  const release = () => {
    process.removeListener('exit', release);
    if (read(file)?.id === mine.id) {
      unlinkSync(file);
    }
  };
  process.on('exit', release);
  const protect = (pid) => {
    mine.commands.push(identify(pid));
    // By a rename: whoever reads the lock finds the old text or the new one.
    renameSync(draftOf(file, mine), file);
  };
  return { protect, release };
}

async function acquire(file, mine) {
  const draft = draftOf(file, mine);
  // A link appears at once with its content, and fails when the name is taken.
  const isFirst = passes('EEXIST', () => linkSync(draft, file));
  unlinkSync(draft);
  if (!isFirst) {
    return false;
  }
  // Another process may have judged our dead predecessor and put away our lock instead: then we have none.
  await sleep(SETTLE_MS);
  return read(file)?.id === mine.id;
}

/** Removes the lock if it is still the one that was judged. */
function putAway(file, judged) {
  const aside = `${file}.${randomUUID()}`;
  if (!passes('ENOENT', () => renameSync(file, aside))) {
    return; // Somebody else was faster.
  }
  if (read(aside)?.id !== judged.id) {
    // It is a new and living one. Should a third have appeared meanwhile, its owner will notice that it lost.
    passes('EEXIST', () => linkSync(aside, file));
  }
  unlinkSync(aside);
}

async function endAll(commands) {
  for (const command of commands.filter(isRunning)) {
    process.kill(-command.pid, 'SIGKILL');
    while (isRunning(command)) {
      await sleep(10);
    }
  }
}

/** @returns false when the action fails in the one way that is expected of it. */
function passes(expected, action) {
  try {
    action();
    return true;
  } catch (error) {
    if (error.code === expected) {
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
