// Connect's states that only the fake can be brought into: every standing of a tool, files that change meanwhile, trials that fail.
import { expect, inspect, openPage, step } from './browser.mjs';
import { listen } from './fake-admin.mjs';

const looks = [
  { theme: 'light', language: 'en' },
  { theme: 'dark', language: 'zh-CN' },
];
const states = ['claude-code', 'codex', 'opencode', 'cline', 'continue', 'qwen-code', 'zed', 'shell', 'cursor'];

async function open(browser, tune = () => {}, options = {}) {
  const fake = await listen({ scene: 'busy' });
  tune(fake.program);
  const page = await openPage(browser, options);
  await page.goto(`${fake.url}/admin/dashboard/#code=one-time-code`);
  await page.locator('main h1').waitFor();
  return {
    ...fake,
    page,
    goto: async (id) => {
      await page.goto(`${fake.url}/admin/dashboard/#/connect?tool=${id}`);
      await page.locator(`main a[aria-current=true][href$="tool=${id}"]`).waitFor();
    },
    button: (name) => page.locator('main').getByRole('button', { name, exact: true }),
    end: async () => {
      await page.context().close();
      fake.close();
    },
  };
}

export async function connectStates(browser) {
  for (const look of looks) {
    const tag = `${look.theme}-${look.language}`;
    const tuned = (program) => Object.assign(program.settings, look);

    await step(`every standing of a tool, in ${tag}`, async () => {
      const { page, goto, end } = await open(browser, tuned);
      for (const id of states) {
        await goto(id);
        await inspect(page, `connect-${id}-${tag}`);
      }
      await page.setViewportSize({ width: 940, height: 620 });
      for (const id of ['opencode', 'continue']) {
        await goto(id);
        await inspect(page, `connect-${id}-940-${tag}`);
      }
      await end();
    });

    await step(`what would be written, in ${tag}`, async () => {
      const { page, goto, end } = await open(browser, tuned);
      await goto('qwen-code');
      await page.locator('main section[aria-label] button').first().click();
      await page.locator('ins').first().waitFor();
      await inspect(page, `connect-plan-${tag}`);
      await page.setViewportSize({ width: 940, height: 620 });
      await inspect(page, `connect-plan-940-${tag}`);
      await goto('opencode');
      await page.locator('main section[aria-label] button').first().click();
      await page.locator('ins').first().waitFor();
      await inspect(page, `connect-plan-long-940-${tag}`);
      await end();
    });

    await step(`a trial that failed, in ${tag}`, async () => {
      const failing = (program) => {
        tuned(program);
        program.connect.trial = {
          ok: false,
          status: 401,
          millis: 310,
          model: '',
          message: 'The key in the file is not accepted. Press Connect again to write a new one.',
        };
      };
      const { page, goto, end } = await open(browser, failing);
      await goto('codex');
      await page.locator('main section[aria-label] button').first().click();
      await page.getByText('The key in the file is not accepted.').waitFor();
      await inspect(page, `connect-failed-${tag}`);
      await end();
    });
  }

  await step('a file that cannot be written has no button that writes', async () => {
    const { page, goto, button, program, end } = await open(browser);
    for (const id of ['cline', 'continue']) {
      await goto(id);
      await button('Look again').waitFor();
      expect(
        (await page.getByRole('button', { name: /^(Connect |Write|Undo|Show the)/ }).count()) === 0,
        `${id} offers to write`,
      );
    }
    Object.assign(program.connect.find('continue'), { state: 'missing', reason: '' });
    await button('Look again').click();
    await button('Connect Continue').waitFor();
    await end();
  });

  await step('what was changed since is shown, and written again or left', async () => {
    const { page, goto, button, program, end } = await open(browser);
    await goto('opencode');
    await button('Show the difference').click();
    await page.locator('ins').first().waitFor();
    await button('Leave it').click();
    await page.locator('ins').first().waitFor({ state: 'detached' });
    expect(program.connect.written.length === 0, 'leaving it wrote');
    await button('Show the difference').click();
    await button('Write again').click();
    await page.getByText('It works: answered in 1.2 s').waitFor();
    expect(program.connect.written.join() === 'opencode', 'it was not written');
    await end();
  });

  await step('a file that changed since the plan is shown anew, and nothing is written', async () => {
    const { page, goto, button, program, end } = await open(browser, undefined, { provokes: /409/ });
    await goto('claude-code');
    await button('Connect Claude Code').click();
    await page.locator('ins').first().waitFor();
    program.connect.version++;
    await button('Write and test').click();
    await page.getByText('A file was changed while you looked').waitFor();
    expect(program.connect.written.length === 0, 'it was written all the same');
    await inspect(page, 'connect-overtaken');
    await button('Write and test').click();
    await page.getByText('It works: answered in 1.2 s').waitFor();
    await end();
  });

  await step('a computer without any tool says so, and offers them all the same', async () => {
    const { page, goto, button, end } = await open(browser, (program) => {
      for (const tool of program.connect.tools) tool.installed = false;
    });
    await goto('claude-code');
    await page.getByText('No tool was found on this computer.').waitFor();
    await button('Connect Claude Code').waitFor();
    await inspect(page, 'connect-none');
    await end();
  });

  await step('another model is planned for anew', async () => {
    const { page, goto, button, program, end } = await open(browser);
    await goto('claude-code');
    await button('Connect Claude Code').click();
    const select = page.locator('main select').first();
    await select.selectOption('claude-haiku-4-5');
    await page.locator('ins', { hasText: 'claude-haiku-4-5' }).waitFor();
    await button('Write and test').click();
    await page.getByText('It works').waitFor();
    expect(program.connect.find('claude-code').model === 'claude-haiku-4-5', 'another model was written');
    await end();
  });

  await step(
    'while tools are looked for their places are held, and what cannot be known leaves the snippets',
    async () => {
      const { page, url, button, program, end } = await open(browser, undefined, { provokes: /500/ });
      program.slow = 3000;
      await page.goto(`${url}/admin/dashboard/#/connect`);
      await page.getByRole('status', { name: 'Looking for tools on this computer' }).first().waitFor();
      await inspect(page, 'connect-detecting');
      program.slow = 0;
      program.broken.add('/admin/connect');
      await page.reload();
      await page.getByText("What stands in your tools' settings is not known").waitFor();
      await page.getByRole('region', { name: 'Step 1' }).first().waitFor();
      await inspect(page, 'connect-unknown');
      program.broken.clear();
      await button('Try again').click();
      await button('Connect Claude Code').waitFor();
      await end();
    },
  );
}
