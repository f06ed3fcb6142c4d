import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { reportHtml } from '../../../../cli/report/formats/html.ts';
import { NO_BROWSER, startBrowser } from './browser.ts';
import { sampleAudit } from './sample-audit.ts';

const FOLDER = resolve(import.meta.dirname, '../../../../docs/images');
/** Holds the hash of the page that the images show. */
export const SOURCE_FILE: string = join(import.meta.dirname, 'report-source.txt');
const WIDE = { viewport: { width: 1240, height: 900 } };

const IMAGES: Readonly<Record<string, { context: BrowserContextOptions; anchor: string }>> = {
  'report-overview': { context: WIDE, anchor: '' },
  'report-secrets': { context: { ...WIDE, colorScheme: 'dark' }, anchor: 'secrets' },
  'report-rotations': { context: WIDE, anchor: 'rotations' },
  'report-phone': { context: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }, anchor: 'secrets' },
};

/** The page in the images: an invented fleet. */
export function imagePage(): string {
  return reportHtml(sampleAudit(240));
}

export function hashOf(html: string): string {
  return createHash('sha256').update(html).digest('hex');
}

/** A screenshot as WebP, which takes a third of a PNG. Chromium itself converts it. */
async function asWebp(page: Page, png: Buffer): Promise<Buffer> {
  const url = await page.evaluate(
    `(async () => {
      const image = new Image();
      image.src = 'data:image/png;base64,${png.toString('base64')}';
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.getContext('2d').drawImage(image, 0, 0);
      return canvas.toDataURL('image/webp', 0.9);
    })()`,
  );
  return Buffer.from(String(url).split(',')[1] ?? '', 'base64');
}

async function writeImages(): Promise<void> {
  const html = imagePage();
  const browser = await startBrowser();
  const converter = await browser.newPage();
  for (const [name, { context, anchor }] of Object.entries(IMAGES)) {
    const page = await (await browser.newContext({ reducedMotion: 'reduce', ...context })).newPage();
    await page.setContent(html);
    if (anchor !== '') {
      await page.evaluate(`document.getElementById('${anchor}').scrollIntoView()`);
    }
    writeFileSync(join(FOLDER, `${name}.webp`), await asWebp(converter, await page.screenshot()));
  }
  await browser.close();
  writeFileSync(SOURCE_FILE, `${hashOf(html)}\n`);
}

if (import.meta.main) {
  if (NO_BROWSER !== undefined) {
    throw new Error(`The images of docs/audit.md cannot be written: ${NO_BROWSER}.`);
  }
  await writeImages();
}
