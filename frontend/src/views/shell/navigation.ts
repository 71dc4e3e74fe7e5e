import ChartColumn from '@lucide/svelte/icons/chart-column';
import Gauge from '@lucide/svelte/icons/gauge';
import KeyRound from '@lucide/svelte/icons/key-round';
import List from '@lucide/svelte/icons/list';
import MessageSquareText from '@lucide/svelte/icons/message-square-text';
import Plug from '@lucide/svelte/icons/plug';
import Settings from '@lucide/svelte/icons/settings';
import Stethoscope from '@lucide/svelte/icons/stethoscope';
import Users from '@lucide/svelte/icons/users';
import type { Component } from 'svelte';

import type { Screen } from '$lib/state/route.svelte';
import { m } from '$words';

export const icons: Record<Screen, Component<{ size?: number }>> = {
  dashboard: Gauge,
  accounts: Users,
  keys: KeyRound,
  requests: List,
  usage: ChartColumn,
  connect: Plug,
  playground: MessageSquareText,
  diagnostics: Stethoscope,
  settings: Settings,
};

export interface NavGroup {
  name: string;
  /** Nothing for the screen that stands alone. */
  label?: () => string;
  screens: Screen[];
}

/** The sidebar from top to bottom; the settings stand at its foot. */
export const navigation: NavGroup[] = [
  { name: 'overview', screens: ['dashboard'] },
  { name: 'operate', label: m.nav_operate, screens: ['accounts', 'keys'] },
  { name: 'observe', label: m.nav_observe, screens: ['requests', 'usage', 'diagnostics'] },
  { name: 'use', label: m.nav_use, screens: ['connect', 'playground'] },
];
