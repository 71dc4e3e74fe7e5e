// How the screens look, compared with pictures that were looked at: with the clock stopped, invented data, and one step for each picture.
// By hand: node e2e/baselines.mjs [--accept], which takes what is shown now for right.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, finish, launch, openPage, shots, settled, step } from './browser.mjs';

const folder = fileURLToPath(new URL('baselines', import.meta.url));
const now = new Date(Date.UTC(2026, 2, 10, 6, 30));

const light = { theme: 'light', language: 'en' };
const dark = { theme: 'dark', language: 'en' };
const chinese = { theme: 'light', language: 'zh-CN' };
const smallest = [940, 620];

// Each is a place in a scene: where to go, how the page is set, and what is pressed there.
const pictures = [
  ...['', 'accounts', 'keys', 'requests', 'usage', 'diagnostics', 'connect', 'playground', 'settings'].flatMap(
    (screen) => [
      { name: `${screen || 'dashboard'}-light`, screen, ...light },
      { name: `${screen || 'dashboard'}-dark`, screen, ...dark },
    ],
  ),
  { name: 'dashboard-zh', screen: '', ...chinese },
  { name: 'accounts-zh', screen: 'accounts', ...chinese },
  { name: 'keys-zh', screen: 'keys', ...chinese },
  { name: 'dashboard-940', screen: '', ...light, size: smallest },
  { name: 'accounts-940', screen: 'accounts', ...dark, size: smallest },
  { name: 'stopped-empty', scene: 'stopped', screen: '', ...light },
  { name: 'accounts-empty', scene: 'empty', screen: 'accounts', ...dark },
  { name: 'palette', screen: '', ...dark, press: ['Control+k'] },
  { name: 'new-key', screen: 'keys', ...light, press: ['n'] },
  { name: 'new-account', screen: 'accounts', ...light, press: ['n'] },
  { name: 'sign-in', stranger: true, screen: '', ...light },
];

export async function baselines(browser, { accept = false } = {}) {
  for (const picture of pictures)
    await step(`${picture.name} looks as it should`, async () => {
      const png = await draw(browser, picture);
      if (accept) return keep(picture.name, png);
      await compare(browser, picture.name, png);
    });
}

async function draw(browser, { scene = 'busy', screen, size, press = [], stranger = false, ...settings }) {
  const fake = await still(scene, settings);
  const page = await openPage(browser, {
    ...(size ? { size } : {}),
    provokes: /401/,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-US',
    colorScheme: 'light',
  });
  try {
    await page.clock.setFixedTime(now);
    await page.goto(`${fake.url}/admin/dashboard/${stranger ? '' : `#code=one-time-code`}`);
    await page.locator('main h1').waitFor();
    if (screen) await page.goto(`${fake.url}/admin/dashboard/#/${screen}`);
    await page.waitForLoadState('networkidle');
    for (const key of press) await page.keyboard.press(key);
    if (press.length) await page.getByRole('dialog').waitFor();
    await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'));
    await settled(page);
    return await page.screenshot({ animations: 'disabled', caret: 'hide' });
  } finally {
    await page.context().close();
    fake.stop();
  }
}

async function still(scene, settings) {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('still.mjs', import.meta.url)), scene, JSON.stringify(settings)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const url = await new Promise((said, failed) => {
    child.stdout.once('data', (text) => said(String(text).trim()));
    child.once('exit', (code) => failed(new Error(`the fake ended with ${code}`)));
  });
  return { url, stop: () => child.kill() };
}

function keep(name, png) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.png`), png);
}

// Of the pixels, as many may differ as a letter or two have.
const allowed = 0.0002;

async function compare(browser, name, png) {
  const path = join(folder, `${name}.png`);
  expect(existsSync(path), `there is no picture to compare with: make baselines`);
  const { share, drawn } = await difference(browser, readFileSync(path), png);
  if (share <= allowed) return;
  if (shots) {
    writeFileSync(join(shots, `baseline-${name}-expected.png`), readFileSync(path));
    writeFileSync(join(shots, `baseline-${name}-actual.png`), png);
    if (drawn) writeFileSync(join(shots, `baseline-${name}-difference.png`), Buffer.from(drawn, 'base64'));
  }
  const place = shots ? `Look at baseline-${name}-*.png in ${shots}` : 'Look at it with SHOTS set';
  expect(false, `${(share * 100).toFixed(2)} % of it differ. ${place}; if it is right so: make baselines`);
}

/** The share of pixels that differ from all their neighbours in the other picture, so that the edges of letters may fall a little differently. */
async function difference(browser, expected, actual) {
  const page = await browser.newPage();
  try {
    return await page.evaluate(
      async ([before, after]) => {
        const read = async (png) => {
          const picture = new Image();
          picture.src = `data:image/png;base64,${png}`;
          await picture.decode();
          const canvas = new OffscreenCanvas(picture.width, picture.height);
          const context = canvas.getContext('2d');
          context.drawImage(picture, 0, 0);
          return context.getImageData(0, 0, picture.width, picture.height);
        };
        const [a, b] = [await read(before), await read(after)];
        if (a.width !== b.width || a.height !== b.height) return { share: 1 };
        const tolerance = 12;
        const alike = (p, i, q, j) =>
          Math.abs(p[i] - q[j]) <= tolerance &&
          Math.abs(p[i + 1] - q[j + 1]) <= tolerance &&
          Math.abs(p[i + 2] - q[j + 2]) <= tolerance;
        const near = (p, q, x, y) => {
          const i = (y * a.width + x) * 4;
          if (alike(p, i, q, i)) return true;
          for (let v = Math.max(0, y - 1); v <= Math.min(a.height - 1, y + 1); v++)
            for (let u = Math.max(0, x - 1); u <= Math.min(a.width - 1, x + 1); u++)
              if (alike(p, i, q, (v * a.width + u) * 4)) return true;
          return false;
        };
        let differing = 0;
        const canvas = new OffscreenCanvas(a.width, a.height);
        const context = canvas.getContext('2d');
        context.globalAlpha = 0.2;
        context.drawImage(await createImageBitmap(b), 0, 0);
        context.globalAlpha = 1;
        context.fillStyle = 'red';
        for (let y = 0; y < a.height; y++)
          for (let x = 0; x < a.width; x++)
            if (!near(a.data, b.data, x, y) || !near(b.data, a.data, x, y)) {
              differing++;
              context.fillRect(x, y, 1, 1);
            }
        const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
        let text = '';
        for (const byte of bytes) text += String.fromCharCode(byte);
        return { share: differing / (a.width * a.height), drawn: btoa(text) };
      },
      [expected.toString('base64'), actual.toString('base64')],
    );
  } finally {
    await page.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const browser = await launch();
  await baselines(browser, { accept: process.argv.includes('--accept') });
  await browser.close();
  process.exit(finish());
}
