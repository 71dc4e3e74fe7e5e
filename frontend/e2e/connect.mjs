// Connect, tool by tool: a key is made for it, and what is copied is what is shown.
import { expect, inspect, openPage, step } from './browser.mjs';

const tools = [
  ['claude-code', 'Claude Code'],
  ['codex', 'Codex'],
  ['opencode', 'opencode'],
  ['cline', 'Cline'],
  ['continue', 'Continue'],
  ['qwen-code', 'Qwen Code'],
  ['aider', 'aider'],
  ['vscode', 'VS Code'],
  ['zed', 'Zed'],
  ['cursor', 'Cursor'],
  ['anthropic-sdk', 'Anthropic SDK'],
  ['openai-sdk', 'OpenAI SDK'],
  ['ai-sdk', 'AI SDK'],
  ['curl', 'curl'],
  ['shell', 'Shell'],
];

export async function connect(browser, { url, token }) {
  const admin = async (method, path, body) => {
    const answer = await fetch(`${url}/admin/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    return answer.status === 204 ? null : answer.json();
  };
  const page = await openPage(browser, { provokes: /404/ });
  const goto = async (id) => {
    await page.goto(`${url}/admin/dashboard/#/connect?tool=${id}`);
    await page.locator('main h2#connect-tool', { hasText: new Map(tools).get(id) }).waitFor();
    // What Connect can write stands before the steps by hand.
    await page.locator('main summary, main ol > li').first().waitFor();
    const closed = page.locator('main details:not([open]) > summary');
    if ((await closed.count()) > 0) await closed.click();
    await page.locator('main ol > li').first().waitFor();
  };
  const look = (language, theme) => admin('PUT', 'settings', { language, theme });
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

  const { code } = await admin('POST', 'session/handover', {});
  await page.goto(`${url}/admin/dashboard/#code=${code}`);
  await page.locator('main h1').waitFor();

  for (const [id, name] of tools) {
    await step(`${name} is set up with a key of its own, and what is copied is what is shown`, async () => {
      await goto(id);
      expect((await page.locator('main').innerText()).includes('amq-...'), 'no placeholder stands for the key');
      await page.getByRole('button', { name: `Create a key for ${name}` }).click();
      const key = await page.getByTestId('key').innerText();
      expect(/^amq-[0-9A-Za-z]{36}$/.test(key), 'the key has no proper text');
      await page.getByRole('button', { name: 'Copy key' }).click();
      await page.getByRole('button', { name: 'Copied' }).first().waitFor();
      expect((await clipboard()) === key, 'another text than the key was copied');
      expect((await copyEverything(page)).includes(key), 'no copied snippet has the key');
      await page.getByRole('button', { name: 'Hide' }).click();
      expect(!(await page.locator('body').innerHTML()).includes(key), 'the key is still on the page');
      const made = (await admin('GET', 'api-keys')).find((one) => one.name === name);
      expect(made, 'there is no key with the name of the tool');
      await admin('DELETE', `api-keys/${made.id}`);
      page.calm();
    });
  }

  /** Presses every copy button under every tab, compares, and answers with all that was copied. */
  async function copyEverything(page) {
    const steps = page.locator('main ol > li');
    let all = '';
    for (let i = 0; i < (await steps.count()); i++) {
      const one = steps.nth(i);
      const tabs = one.getByRole('radio');
      for (let tab = 0; tab < Math.max(1, await tabs.count()); tab++) {
        if ((await tabs.count()) > 0) await tabs.nth(tab).click();
        const shown = one.locator('pre, dd code');
        const buttons = one.getByRole('button', { name: /^Cop(y|ied)/ });
        for (let at = 0; at < (await buttons.count()); at++) {
          await buttons.nth(at).click();
          const text = await clipboard();
          expect(text === (await shown.nth(at).textContent()), `step ${i + 1} copies another text than it shows`);
          all += text + '\n';
        }
      }
    }
    return all;
  }

  await step('the program is addressed at its own port, with the model that was chosen', async () => {
    await goto('claude-code');
    await page.getByRole('radio', { name: 'bash, zsh' }).click();
    await page.getByLabel('Model', { exact: true }).selectOption({ index: 1 });
    const chosen = await page.getByLabel('Model', { exact: true }).inputValue();
    const shown = await page.getByRole('region', { name: 'Step 2' }).innerText();
    expect(shown.includes(`:${new URL(url).port}`), 'it shows another port');
    expect(shown.includes(`ANTHROPIC_MODEL=${chosen}`), `it shows another model than ${chosen}: ${shown}`);
  });

  const fetchStatus = async () =>
    (
      await fetch(`${url}/admin/playground/anthropic`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: '{}',
      })
    ).status;

  await step('a test request tells how it went', async () => {
    const offered = (await fetchStatus()) !== 404;
    for (const id of ['claude-code', 'codex', 'openai-sdk']) {
      await goto(id);
      await page.getByRole('button', { name: 'Test it' }).click();
      if (offered) await page.getByText(/^Answered in .* s by/).waitFor({ timeout: 30_000 });
      else await page.getByText('cannot send test requests from here').waitFor();
    }
    await inspect(page, 'connect-tested');
  });

  for (const [language, theme] of [
    ['en', 'light'],
    ['en', 'dark'],
    ['zh-CN', 'light'],
    ['zh-CN', 'dark'],
  ]) {
    await step(`Connect in ${language}, ${theme}`, async () => {
      await look(language, theme);
      // Away from what shows a tooltip.
      await page.mouse.move(0, 0);
      await page.locator(`html[lang="${language}"][data-theme=${theme}]`).waitFor();
      for (const [id] of tools) {
        await goto(id);
        await inspect(page, `connect-${id}-${theme}-${language}`);
      }
      await page.setViewportSize({ width: 940, height: 620 });
      for (const id of ['claude-code', 'vscode', 'cursor']) {
        await goto(id);
        await inspect(page, `connect-${id}-940-${theme}-${language}`);
      }
      await page.setViewportSize({ width: 1200, height: 760 });
    });
  }
  await look('', '');
  await page.context().close();
}
