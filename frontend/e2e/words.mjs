// A Chinese page is Chinese throughout, and ways from one screen to another end where they should.
import { expect, step } from './browser.mjs';
import { enter } from './keys.mjs';

/** What a reader of Chinese sees of a text: no English sentence may be among it. */
const english = /[A-Za-z]{2,}(?: [a-z']{2,}){3,}/;

export async function words(browser, real) {
  const { page, goto, admin } = await enter(browser, real, { provokes: /401|404/ });
  if (!(await admin('GET', 'state')).body.demo) return page.context().close();
  const before = (await admin('GET', 'settings')).body;
  await admin('PUT', 'settings', { notice_acknowledged: true, language: 'zh-CN' });
  await page.locator('html[lang=zh-CN]').waitFor();
  const dialog = page.getByRole('dialog');
  const [demo] = (await admin('GET', 'accounts')).body;

  await step('rows of a bulk import say in Chinese what is wrong with them', async () => {
    await goto('accounts');
    await page.keyboard.press('n');
    await page.getByRole('tab', { name: '批量添加' }).click();
    const rows = [{ name: 'one', refreshToken: 'aor', clientId: 'c', clientSecret: 's', weight: 'heavy' }, 7];
    await dialog.locator('textarea').fill(JSON.stringify(rows));
    await dialog.getByRole('button', { name: '预览' }).click();
    const report = dialog.getByRole('listitem');
    await report.filter({ hasText: 'weight 必须是数字' }).waitFor();
    const text = (await report.allInnerTexts()).join('\n');
    expect(!english.test(text), `the report has an English sentence: ${text}`);
    await page.keyboard.press('Escape');
    await dialog.first().waitFor({ state: 'detached' });
  });

  await step(
    'the drawer says when the token ends, and its faults lead to failed requests of the account alone',
    async () => {
      await admin('POST', `accounts/${demo.id}/check`);
      await goto(`accounts?id=${demo.id}`);
      await page.getByText(/自动续期/).waitFor();
      await goto(`requests?account=${demo.id}&outcome=failed`);
      const only = page.getByRole('button', { name: /显示全部账号/ });
      await only.waitFor();
      const ask = page.waitForRequest((request) => /\/admin\/requests\?.*account=/.test(request.url()));
      await page.reload();
      const asked = new URL((await ask).url()).searchParams;
      expect(asked.get('account') === String(demo.id), 'the account is not asked for');
      expect(asked.getAll('status').includes('failed'), 'failures are not asked for');
      await only.click();
      await only.waitFor({ state: 'detached' });
      expect(!page.url().includes('account='), 'the address keeps the account');
    },
  );

  await step('the help on Requests names no key that does nothing there', async () => {
    await goto('requests');
    await page.keyboard.press('?');
    await dialog.getByText('暂停日志').or(dialog.getByText('暂停')).first().waitFor();
    const keys = await dialog.locator('kbd').allInnerTexts();
    expect(!keys.includes('X') && !keys.includes('E') && !keys.includes('R'), `it names ${keys}`);
    await page.keyboard.press('Escape');
    await dialog.first().waitFor({ state: 'detached' });
  });

  await step('the old text of a key is ended before its time', async () => {
    const { body: made } = await admin('POST', 'api-keys', { name: `Old ${Date.now().toString(36)}` });
    await admin('POST', `api-keys/${made.id}/rotate`, { grace_s: 3600 });
    await goto('keys');
    const row = page.locator('tbody tr').filter({ hasText: made.name });
    await row.getByRole('button').last().click();
    await page.getByRole('menuitem', { name: '立即停用旧文本' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: '立即停用旧文本' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    const { body: after } = await admin('GET', `api-keys/${made.id}`);
    expect(after.previous_until === null, `it works until ${after.previous_until}`);
    const refused = await fetch(`${real.url}/v1/models`, { headers: { 'x-api-key': made.key } });
    expect(refused.status === 401, `the old text was answered ${refused.status}`);
    await admin('DELETE', `api-keys/${made.id}`);
  });

  await step('zoomed to twice its size, the accounts still have names', async () => {
    await page.setViewportSize({ width: 600, height: 380 });
    await goto('accounts');
    const box = await page.locator(`[data-account="${demo.id}"]`).boundingBox();
    expect(box.width > 20, `the name has ${box.width} px`);
    await page.setViewportSize({ width: 1200, height: 760 });
  });

  await step('a session that ends under a form leads to the sign-in, without an error', async () => {
    await goto('keys');
    await page.keyboard.press('n');
    await dialog.locator('input').first().fill('typed before the end');
    await page.context().clearCookies();
    await page.keyboard.press('Enter');
    await page.getByText('会话已结束').waitFor();
    page.calm();
  });

  await admin('PUT', 'settings', { notice_acknowledged: before.notice_acknowledged, language: before.language });
  await page.context().close();
}
