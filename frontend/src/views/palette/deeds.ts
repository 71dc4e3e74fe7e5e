import { openInBrowser } from '$lib/desktop';
import type { App } from '$lib/state/app.svelte';
import { m } from '$words';

import type { ProxySwitch } from '../shell/actions.svelte';
import { copyAddress } from '../shell/actions.svelte';
import { done, failed } from '../toast';

/** What the palette can do besides leading somewhere. Each tells how it went. */
export interface Deeds {
  copyClaude: () => void;
  copyOpenAI: () => void;
  switchProxy: () => void;
  checkAll: () => void;
  startCapture: () => void;
  stopCapture: () => void;
  switchTheme: () => void;
  switchLanguage: () => void;
  openBrowser: () => void;
  signOut: () => void;
  help: () => void;
}

const captureMinutes = 10;

async function attempt(intent: () => Promise<unknown>, didNot: () => string = m.shell_not_saved) {
  try {
    await intent();
  } catch (error) {
    failed(didNot(), error);
  }
}

/** Checks the accounts that are on, one after the other: all at once would look odd to Amazon. */
async function checkAll({ accounts }: App): Promise<void> {
  const on = (accounts.list ?? []).filter((account) => account.is_active);
  let well = 0;
  for (const { id } of on) {
    const after = await accounts.check(id);
    if (after.is_healthy && after.health_check_error === '') well++;
  }
  done(m.palette_checked({ n: on.length, well }));
}

export function deedsOf(app: App, proxySwitch: ProxySwitch, help: () => void): Deeds {
  const { look, session, proxy, diagnostics } = app;
  return {
    copyClaude: () => void copyAddress(proxy.claudeAddress),
    copyOpenAI: () => void copyAddress(proxy.openaiAddress),
    switchProxy: () => proxySwitch.set(!proxy.on),
    checkAll: () => void attempt(() => checkAll(app)),
    startCapture: () =>
      void attempt(async () => {
        await diagnostics.startCapture(captureMinutes);
        app.route.go('diagnostics');
      }, m.captures_failed),
    stopCapture: () => void attempt(() => diagnostics.stopCapture(), m.captures_failed),
    switchTheme: () => void attempt(() => look.chooseTheme(look.theme === 'dark' ? 'light' : 'dark')),
    switchLanguage: () => void attempt(() => look.chooseLanguage(look.locale === 'en' ? 'zh-CN' : 'en')),
    openBrowser: () =>
      void attempt(async () =>
        openInBrowser(`${proxy.claudeAddress}/admin/dashboard/#code=${await session.handover()}`),
      ),
    signOut: () => void attempt(() => session.signOut()),
    help,
  };
}
