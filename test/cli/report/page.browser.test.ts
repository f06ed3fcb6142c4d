import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportHtml } from '../../../cli/report/formats/html.ts';
import { NO_BROWSER, startBrowser } from './support/browser.ts';
import { sampleAudit } from './support/sample-audit.ts';

const AUDIT = sampleAudit(240);
const HTML = reportHtml(AUDIT);
/** Every kind of row, in few rows, because axe takes long for many elements. */
const SMALL = reportHtml({
  ...AUDIT,
  secrets: AUDIT.secrets.filter(({ exceptions }, index) => exceptions.length > 0 && index % 2 === 0).slice(0, 6),
});
const PHONE = { viewport: { width: 390, height: 844 } };

describe.skipIf(NO_BROWSER !== undefined)(`the report in Chromium${NO_BROWSER ? `: ${NO_BROWSER}` : ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  /** Opens a page. Complaints are its errors, its warnings and its requests. */
  async function open(html = HTML, options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => complaints.push(request.url()));
    await page.setContent(html);
    return { page, complaints };
  }

  const secretRows = (page: Page) => page.locator('#secret-rows tbody tr');

  it('loads nothing, breaks no rule of its policy and reports no error', async () => {
    const { page, complaints } = await open();

    expect(await secretRows(page).count()).toBe(25);
    expect(complaints).toEqual([]);
  });

  it.each<[string, BrowserContextOptions]>([
    ['a wide screen', {}],
    ['a phone', PHONE],
    ['dark mode', { colorScheme: 'dark' }],
    ['dark mode on a phone', { ...PHONE, colorScheme: 'dark' }],
  ])('axe finds nothing on %s', async (_, options) => {
    const { page } = await open(SMALL, options);

    const { violations, passes } = await new AxeBuilder({ page }).analyze();

    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    expect(passes.map(({ id }) => id)).toContain('color-contrast');
  });

  it('filters by text, state and owner, and says how many match', async () => {
    const { page } = await open();
    const status = page.locator('#secret-rows [role=status]');

    expect(await status.textContent()).toBe('1 to 25 of 240 secrets');
    await page.getByRole('searchbox', { name: 'Search secret, region' }).fill('fraud us-west-2');
    const found = AUDIT.secrets.filter(
      ({ secret }) => secret.arn.includes('us-west-2') && secret.name.includes('fraud'),
    );
    expect(await status.textContent()).toBe(`${found.length} secrets`);
    await page.locator('#secret-filters').getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('State').selectOption('overdue');
    expect(await status.textContent()).toBe('3 secrets');
    await page.getByLabel('Owner', { exact: true }).selectOption('none');
    expect(await status.textContent()).toBe('No secret matches.');
  });

  it('sorts by each column, in both directions', async () => {
    const { page } = await open();
    const names = () => secretRows(page).locator('th .name').allTextContents();
    const header = page.locator('#secret-rows').getByRole('columnheader', { name: 'Secret' });

    await header.getByRole('button').click();
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    expect((await names())[0]).toContain('prod/catalogue/admin-ui');
    await header.getByRole('button').click();
    expect(await header.getAttribute('aria-sort')).toBe('descending');
    expect((await names())[0]).toContain('test/support-bot/query');
  });

  it('shows the secrets of an exception, and the rotations of a secret', async () => {
    const { page } = await open();

    await page.locator('#exceptions').getByRole('button', { name: 'rotation off' }).click();
    expect(await secretRows(page).count()).toBe(3);
    await page.locator('#secret-filters').getByRole('button', { name: 'Clear' }).click();
    await page
      .getByRole('button', { name: /show the rotations of / })
      .first()
      .click();
    const name = AUDIT.secrets.toSorted(
      (a, b) =>
        b.ageMs / (b.allowedAgeMs ?? Number.POSITIVE_INFINITY) - a.ageMs / (a.allowedAgeMs ?? Number.POSITIVE_INFINITY),
    )[0]?.secret.name;
    const shown = await page.locator('#rotation-rows tbody .name').allTextContents();
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.every((text) => text.startsWith(name ?? 'none'))).toBe(true);
  });

  it('turns pages by keyboard', async () => {
    const { page } = await open();

    await page.getByRole('button', { name: 'Next secrets' }).focus();
    await page.keyboard.press('Enter');

    expect(await page.locator('#secret-rows [role=status]').textContent()).toBe('26 to 50 of 240 secrets');
  });

  it('fits a phone without scrolling sideways', async () => {
    const { page } = await open(HTML, PHONE);

    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(0);
    const display = 'getComputedStyle(document.querySelector("#secret-rows td")).display';
    expect(await page.evaluate(display)).toBe('grid');
  });

  it('keeps the document small with 5,000 secrets, and filters and sorts them', async () => {
    const audit = sampleAudit(5000);
    const { page } = await open(reportHtml(audit));
    const status = page.locator('#secret-rows [role=status]');
    const firstName = () => secretRows(page).locator('th .name').first().textContent();

    expect(await status.textContent()).toBe('1 to 25 of 5,000 secrets');
    expect(await page.locator('*').count()).toBeLessThan(3000);

    await page.locator('#secret-rows').getByRole('columnheader', { name: 'Secret' }).getByRole('button').click();
    const names = audit.secrets.map(({ secret }) => secret.name).toSorted((a, b) => a.localeCompare(b));
    expect(await firstName()).toContain(names[0]);

    await page.getByRole('searchbox', { name: 'Search secret, region' }).fill('fraud us-west-2');
    const found = audit.secrets.filter(
      ({ secret }) => secret.arn.includes('us-west-2') && secret.name.includes('fraud'),
    );
    expect(found.length).toBeGreaterThan(100);
    expect(await status.textContent()).toBe(`1 to 25 of ${found.length} secrets`);
    expect(await firstName()).toContain('fraud');
    expect(await page.locator('*').count()).toBeLessThan(3000);
  });

  it('axe finds nothing on a page with hundreds of rows', async () => {
    const secrets = AUDIT.secrets.slice(0, 200).map((secret) => ({ ...secret, rotations: [] }));
    const { page } = await open(reportHtml({ ...AUDIT, secrets }));
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');

    // What each kind of row looks like is tested above, with few rows.
    const axe = new AxeBuilder({ page }).withTags(['cat.aria', 'cat.tables', 'cat.name-role-value', 'cat.structure']);
    const { violations, passes } = await axe.analyze();

    expect(await secretRows(page).count()).toBe(200);
    expect(passes.map(({ id }) => id)).toContain('aria-required-parent');
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });

  it('prints every row and no control', async () => {
    const { page } = await open();
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    await page.emulateMedia({ media: 'print' });

    expect(await secretRows(page).count()).toBe(240);
    expect(await page.locator('#secret-filters').isVisible()).toBe(false);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await secretRows(page).count()).toBe(25);
  });

  it('shows controls, exceptions and limits without JavaScript', async () => {
    const { page } = await open(HTML, { javaScriptEnabled: false });

    expect(await page.locator('.controls tbody tr').count()).toBe(7);
    expect(await page.locator('#timeline').textContent()).toContain('need JavaScript');
  });
});
