import CircleDot from '@lucide/svelte/icons/circle-dot';
import Copy from '@lucide/svelte/icons/copy';
import ExternalLink from '@lucide/svelte/icons/external-link';
import Keyboard from '@lucide/svelte/icons/keyboard';
import KeyRound from '@lucide/svelte/icons/key-round';
import Languages from '@lucide/svelte/icons/languages';
import LogOut from '@lucide/svelte/icons/log-out';
import Moon from '@lucide/svelte/icons/moon';
import Plug from '@lucide/svelte/icons/plug';
import Power from '@lucide/svelte/icons/power';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import Settings from '@lucide/svelte/icons/settings';
import Sun from '@lucide/svelte/icons/sun';
import UserPlus from '@lucide/svelte/icons/user-plus';
import Users from '@lucide/svelte/icons/users';
import type { Component } from 'svelte';

import type { App } from '$lib/state/app.svelte';
import { screens } from '$lib/state/route.svelte';
import { m } from '$words';

import { statusLine } from '../accounts/status';
import { tools as known } from '../connect/tools';
import { titles } from '../screens';
import { sections } from '../settings/sections';
import { icons } from '../shell/navigation';
import { keysOf } from '../shortcuts';
import type { Deeds } from './deeds';
import type { Rankable } from './ranking';

export const groups = ['recent', 'request', 'actions', 'screens', 'accounts', 'keys', 'connect', 'settings'] as const;
export type Group = (typeof groups)[number];

export interface Entry extends Rankable {
  group: Group;
  icon: Component<{ size?: number }>;
  note?: string;
  lang?: string;
  keys?: string[];
  run: () => void;
}

type Words = (inputs?: object, options?: { locale?: 'en' }) => string;

/** What is shown, and the English name, by which it is found in every language. */
const named = (words: Words) => ({ label: words(), also: [words({}, { locale: 'en' })] });

/** All that the palette offers, as things stand. Nothing here holds a secret: accounts and keys are named, not shown. */
export function entriesOf(app: App, deeds: Deeds): Entry[] {
  return [...actions(app, deeds), ...goings(app), ...accounts(app), ...keys(app), ...tools(app), ...settings(app)];
}

function goings({ route }: App): Entry[] {
  return screens.map((screen) => ({
    id: `go:${screen}`,
    group: 'screens',
    ...named(titles[screen]),
    icon: icons[screen],
    keys: keysOf(`go:${screen}`),
    run: () => route.go(screen),
  }));
}

function actions(app: App, deeds: Deeds): Entry[] {
  const act = (id: string, icon: Entry['icon'], words: Words, run: () => void, keys: string[] = []): Entry => ({
    id: `do:${id}`,
    group: 'actions',
    ...named(words),
    icon,
    keys,
    run,
  });
  const dark = app.look.theme === 'dark';
  const chinese = app.look.locale === 'zh-CN';
  return [
    act('add-account', UserPlus, m.accounts_add, () => app.route.go('accounts', { new: '1' })),
    act('new-key', KeyRound, m.keys_create, () => app.route.go('keys', { new: '1' })),
    act('copy-claude', Copy, m.copy_claude, deeds.copyClaude, keysOf('copy')),
    act('copy-openai', Copy, m.copy_openai, deeds.copyOpenAI),
    ...(app.proxy.canSwitch
      ? [act('proxy', Power, app.proxy.on ? m.proxy_stop : m.proxy_start, deeds.switchProxy, keysOf('proxy'))]
      : []),
    ...(app.accounts.list?.length ? [act('check-all', RefreshCw, m.palette_check_all, deeds.checkAll)] : []),
    app.proxy.program?.capturing
      ? act('capture', CircleDot, m.palette_capture_stop, deeds.stopCapture)
      : act('capture', CircleDot, m.palette_capture, deeds.startCapture),
    act('theme', dark ? Sun : Moon, dark ? m.palette_theme_light : m.palette_theme_dark, deeds.switchTheme),
    {
      ...act('language', Languages, m.palette_language, deeds.switchLanguage),
      label: chinese ? 'Switch to English' : '切换到中文',
      lang: chinese ? 'en' : 'zh-CN',
      also: ['language', 'chinese', 'english', '语言', '切换到英文'],
    },
    act('help', Keyboard, m.help_title, deeds.help, keysOf('help')),
    app.session.inWindow
      ? act('browser', ExternalLink, m.shell_open_browser, deeds.openBrowser)
      : act('sign-out', LogOut, m.shell_sign_out, deeds.signOut),
  ];
}

function accounts(app: App): Entry[] {
  return (app.accounts.list ?? []).map((account) => ({
    id: `account:${account.id}`,
    group: 'accounts',
    label: account.name,
    also: [account.email, account.notes],
    note: statusLine(account, app.clock.now).text,
    icon: Users,
    run: () => app.route.go('accounts', { id: String(account.id) }),
  }));
}

function keys(app: App): Entry[] {
  return (app.keys.list ?? []).map((key) => ({
    id: `key:${key.id}`,
    group: 'keys',
    label: key.name,
    also: [key.description],
    icon: KeyRound,
    run: () => app.route.go('keys', { id: String(key.id) }),
  }));
}

function tools({ route }: App): Entry[] {
  return known.map(({ id, name }) => ({
    id: `connect:${id}`,
    group: 'connect',
    label: m.palette_connect({ tool: name }),
    also: [m.palette_connect({ tool: name }, { locale: 'en' })],
    icon: Plug,
    run: () => route.go('connect', { tool: id, write: '1' }),
  }));
}

function settings({ route }: App): Entry[] {
  return Object.entries(sections).map(([name, [title]]) => ({
    id: `settings:${name}`,
    group: 'settings',
    ...named(title),
    icon: Settings,
    run: () => route.go('settings', { part: name }),
  }));
}
