import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** Why no test of a page runs on this machine. The package holds one build of Chromium. */
export const NO_BROWSER: string | undefined =
  process.platform === 'linux' && process.arch === 'x64'
    ? undefined
    : `the npm package holds a Chromium for Linux on x86-64, and this is ${process.platform} on ${process.arch}`;

/** A headless Chromium from an npm package. The first start unpacks it in some seconds. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = await chromium.executablePath();
  // One process for everything is for AWS Lambda, and takes several times as long.
  const args = chromium.args.filter((arg) => arg !== '--single-process');
  return await playwright.launch({ executablePath, args, headless: true });
}
