// What every browser test needs: a browser, steps with a verdict, accessibility, pictures, and an eye on the console.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// npm starts scripts in the folder of their package; a relative path means the one where npm was called.
export const shots = process.env.SHOTS && resolve(process.env.INIT_CWD ?? '.', process.env.SHOTS);
if (shots) mkdirSync(shots, { recursive: true });

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Every name of evil.test leads to this computer, as after a rebinding.
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--host-resolver-rules=MAP *evil.test 127.0.0.1',
    ],
  });

const verdict = { passed: 0, failed: 0 };

/** Runs one step and says how it went. A failed step is counted and the rest goes on. */
export async function step(name, run) {
  try {
    await run();
    verdict.passed++;
    console.log(`ok    ${name}`);
  } catch (error) {
    verdict.failed++;
    await photograph(`failed-${verdict.failed}`);
    console.log(`FAIL  ${name}\n${String(error.stack ?? error).replace(/^/gm, '      ')}`);
  }
}

const open = new Set();

async function photograph(name) {
  let i = 0;
  for (const page of shots ? open : [])
    await page.screenshot({ path: join(shots, `${name}-${i++}.png`) }).catch(() => {});
}

export function finish() {
  console.log(`${verdict.passed} passed, ${verdict.failed} failed`);
  return verdict.failed === 0 ? 0 : 1;
}

export function expect(condition, message) {
  if (!condition) throw new Error(message);
}

/** Opens a page that fails the step when the console shows an error, unless it matches what the step provokes. */
export async function openPage(browser, { size = [1200, 760], provokes, init, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: size[0], height: size[1] },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  open.add(page);
  page.on('close', () => open.delete(page));
  if (init) await page.addInitScript(init);
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error.stack ?? error)));
  page.on('dialog', (dialog) => {
    errors.push(`a dialog of the browser: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !provokes?.test(message.text())) errors.push(message.text());
  });
  page.calm = () => expect(errors.length === 0, `the console shows: ${errors.splice(0).join('\n')}`);
  return page;
}

/** Fails for any violation of accessibility rules, and for a page wider than its window; takes a picture if asked for by SHOTS. */
export async function inspect(page, name) {
  await settled(page);
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`) });
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ''}`).join('\n  ')}`,
  );
  expect(found.length === 0, `${name} violates\n${found.join('\n')}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(!wide, `${name} scrolls sideways`);
  page.calm();
}

/** Waits until no toast is on its way out, the fonts are there and nothing that ends by itself moves: colours in the middle of a fade are nobody's. */
export async function settled(page) {
  await page.waitForFunction(() => !document.querySelector('[data-sonner-toast][data-removed=true]'));
  await page.evaluate(async () => {
    await document.fonts.ready;
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.all(ending.map((one) => one.finished.catch(() => {})));
  });
}
