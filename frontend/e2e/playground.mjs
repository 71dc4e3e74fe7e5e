// Asking models from the page, against a real demo: its model answers as Amazon would, and says in every answer that it is simulated.
import { readFileSync } from 'node:fs';

import { expect, inspect, openPage, step } from './browser.mjs';
import { choose } from './flows.mjs';

const dialects = [
  ['Anthropic', 'message_stop', '/v1/messages'],
  ['OpenAI', '[DONE]', '/v1/chat/completions'],
  ['Responses', 'response.completed', '/v1/responses'],
];
// Markup in an answer must stay text.
const markup = `<img src=x onerror="alert(1)">`;

export async function playground(browser, { url, token }) {
  const home = `${url}/admin/dashboard/`;
  const page = await openPage(browser, { provokes: /400|404|502/ });
  const button = (name) => page.getByRole('button', { name, exact: true });
  const tab = (name) => page.getByRole('radio', { name });
  const prompt = page.getByLabel('Message', { exact: true });
  const answers = page.locator('article');
  const model = page.getByLabel('Model', { exact: true });
  const figures = () => answers.last().getByTestId('figures');

  const ask = async (text) => {
    await prompt.fill(text);
    await page.keyboard.press('Control+Enter');
  };

  await step('the playground is found in the sidebar, and offers samples', async () => {
    await page.goto(home);
    await page.getByLabel('Admin token').fill(token);
    await button('Sign in').click();
    await page.getByRole('link', { name: 'Playground' }).click();
    await page.getByText('Try a model').waitFor();
    await inspect(page, 'playground-empty');
    await button('Explain recursion in three sentences.').click();
    expect((await prompt.inputValue()).startsWith('Explain'), 'the sample is not in the message');
    await page.keyboard.press('Control+Enter');
    await figures().waitFor();
    await button('New conversation').click();
    await page.getByText('Try a model').waitFor();
  });

  for (const [name, end, path] of dialects) {
    await step(`an answer streams in the dialect ${name}, with its figures, raw events and request`, async () => {
      await page.getByRole('radio', { name, exact: true }).click();
      await ask(`Say ${markup} to ${name}`);
      await page.getByText('[simulated]').last().waitFor();
      await button('Stop').waitFor(); // it streams
      await figures().waitFor();
      expect((await answers.last().locator('img').count()) === 0, 'markup became an element');
      for (const part of ['First token after', 'Took', 'Tokens', 'Demo', 'claude-sonnet-4.5', 'req_'])
        expect((await figures().innerText()).includes(part), `the figures lack ${part}`);
      await tab(/Raw events/).click();
      const rows = page.getByRole('region', { name: 'Raw events' });
      await rows.evaluate((list) => list.scrollTo(0, list.scrollHeight));
      await rows.getByText(end).first().waitFor();
      await rows.getByRole('button').last().click();
      await inspect(page, `playground-raw-${name}`);
      await tab('Request').click();
      await page.getByText(`POST ${path}`).waitFor();
      await button('Copy as curl').click();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      expect(copied.includes(`${url}${path}`) && copied.includes('$AMQ2API_KEY'), `this was copied: ${copied}`);
      expect(!/amq-\w|sixteen/.test(copied), 'a secret was copied');
      await inspect(page, `playground-request-${name}`);
      await tab('Answer').click();
    });
  }

  await step('the conversation goes on, also after another screen', async () => {
    expect((await answers.count()) === 3, 'the turns are not kept');
    await prompt.fill('half written');
    await page.getByRole('link', { name: 'Accounts' }).click();
    await page.getByRole('link', { name: 'Playground' }).click();
    expect((await prompt.inputValue()) === 'half written', 'the message is gone');
    expect((await answers.count()) === 3, 'the turns are gone');
    await prompt.fill('');
  });

  await step('a running answer is stopped', async () => {
    await ask('Tell me a story');
    await answers.last().getByText('[simulated]').waitFor();
    await inspect(page, 'playground-streaming');
    await page.keyboard.press('Escape');
    await page.getByText('Stopped. The call to Amazon was ended too.').waitFor();
    await button('Send').waitFor();
    await inspect(page, 'playground-stopped');
  });

  await step('a call is answered in every dialect, and the model goes on', async () => {
    for (const [name] of dialects) {
      await button('New conversation').click();
      await page.getByRole('radio', { name, exact: true }).click();
      await button('Show me the weather in Oslo.').click();
      await page.keyboard.press('Control+Enter');
      await answers.last().getByTestId('call').getByText('get_weather').waitFor();
      await page.getByLabel('Result of get_weather').fill('Rain over Oslo');
      await inspect(page, `playground-call-${name}`);
      await button('Send results').click();
      await answers.nth(1).getByText('starting with: Rain over Oslo').waitFor();
      await figures().waitFor();
    }
    await page.getByRole('switch', { name: 'Example tool' }).click();
  });

  await step('a picture is attached, seen by the model, and one that is none is refused', async () => {
    await button('New conversation').click();
    const chooser = page.locator('input[type=file]');
    await chooser.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
    await page.getByRole('alert').getByText('notes.txt is no PNG').waitFor();
    await chooser.setInputFiles({ name: `${'long-'.repeat(20)}.png`, mimeType: 'image/png', buffer: dot });
    await page.getByRole('list', { name: 'Attached pictures' }).waitFor();
    await inspect(page, 'playground-picture');
    await ask('What is this?');
    await page.getByText('I see an image: png, 1 x 1.').waitFor();
    await figures().waitFor();
  });

  await step('an answer in one piece', async () => {
    await page.getByRole('switch', { name: 'Stream' }).click();
    await ask('hi');
    await page.getByText('You asked: "hi"').waitFor();
    await tab(/Raw events/).click();
    await page.getByText('This answer came in one piece.').waitFor();
    await tab('Answer').click();
    await page.getByRole('switch', { name: 'Stream' }).click();
  });

  await step('a refusal by Amazon says why, who was tried, and leads to the doctor', async () => {
    await button('New conversation').click();
    await prompt.evaluate((area) => {
      area.value = 'long words '.repeat(90_000);
      area.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await button('Send').click();
    const trouble = page.getByRole('status').filter({ hasText: 'Why did it fail?' });
    await trouble.getByText("over the service's limit").waitFor();
    await trouble.getByText('Tried with the account Demo.').waitFor();
    await inspect(page, 'playground-refused');
    await button('Why did it fail?').click();
    await page.locator('aside').getByText('Playground').first().waitFor();
    await page.getByRole('region', { name: 'What the request doctor says' }).waitFor();
  });

  await step('a request of the log opens in the playground', async () => {
    await button('Open in Playground').click();
    await page.getByRole('heading', { name: 'Playground' }).waitFor();
    expect((await model.inputValue()) === 'claude-sonnet-4.5', 'the model is not preset');
    await button('New conversation').click();
  });

  await step('a model that nobody has', async () => {
    await model.fill('nobody-has-this');
    await ask('hi');
    await page.getByRole('status').getByText('nobody-has-this').waitFor();
    await model.fill('');
    await button('Try again').click();
    await page.getByText('You asked: "hi"').waitFor();
    await figures().waitFor();
  });

  await step('what the simulated model never does: thinking, parallel calls, code, an end in the middle', async () => {
    await button('New conversation').click();
    await page.getByRole('radio', { name: 'Anthropic', exact: true }).click();
    await instead(page, stream('anthropic-tools.sse'));
    await ask('think');
    await page.getByText('Thought', { exact: true }).click();
    await page.getByText('The user wants 天气.').waitFor();
    expect((await page.getByTestId('call').count()) === 2, 'not both calls are there');
    expect((await page.getByLabel('Result of get_weather').count()) === 2, 'not both calls can be answered');
    await inspect(page, 'playground-thinking');

    const said = `Here:\n\`\`\`go\nfmt.Println("${'long '.repeat(40)}")\n\`\`\`\n${'unbroken'.repeat(40)} ${markup}`;
    const frames = [
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: said } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } },
      { type: 'message_stop' },
    ];
    await instead(page, frames.map((data) => `data: ${JSON.stringify(data)}\n\n`).join(''));
    await ask('code');
    await button('Copy code').click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.startsWith('fmt.Println("long') && !copied.includes('```'), `this was copied: ${copied}`);
    await inspect(page, 'playground-code');

    await instead(page, stream('anthropic-cut.sse'));
    await ask('cut');
    await page.getByRole('status').getByText('broke off before its end').waitFor();
    expect((await answers.last().innerText()).includes('Half an ans'), 'what came before the end is gone');
    await page.unrouteAll();
    await button('Try again').click();
    await page.getByText('You asked: "cut"').waitFor();
    await figures().waitFor();
  });

  for (const [language, theme] of [
    ['English', 'dark'],
    ['简体中文', 'light'],
    ['简体中文', 'dark'],
    ['English', 'light'],
  ]) {
    await step(`a conversation in ${language}, ${theme}, also in the smallest window`, async () => {
      await choose(page, language, theme);
      await inspect(page, `playground-${theme}-${language === 'English' ? 'en' : 'zh'}`);
      await page.setViewportSize({ width: 940, height: 620 });
      await inspect(page, `playground-${theme}-${language === 'English' ? 'en' : 'zh'}-940`);
      await page.setViewportSize({ width: 1200, height: 760 });
    });
  }
  await page.context().close();
}

/** What the program once answered. */
const stream = (name) => readFileSync(new URL(`../src/testing/streams/${name}`, import.meta.url), 'utf8');

/** Lets the next answers be these. */
async function instead(page, body) {
  await page.unrouteAll();
  await page.route('**/admin/playground/*', (route) =>
    route.fulfill({ contentType: 'text/event-stream', headers: { 'x-amq2api-account': 'Demo' }, body }),
  );
}

const dot = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
