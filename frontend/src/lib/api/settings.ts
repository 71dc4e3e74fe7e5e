import { call } from './client';
import type { Settings } from './types.gen';

export const get = () => call<Settings>('GET', '/admin/settings');
/** What is absent stays as it is. */
export const put = (changed: Partial<Settings>) => call<Settings>('PUT', '/admin/settings', changed);
