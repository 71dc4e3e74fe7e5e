import { call } from './client';
import type { ProxyState, State } from './types.gen';

export const state = () => call<State>('GET', '/admin/state');
/** Port 0 keeps the setting. */
export const start = (port: number) => call<ProxyState>('POST', '/admin/proxy/start', { port });
/** Opens a demo in a window of its own. */
export const demo = () => call<void>('POST', '/admin/window/demo');
export const stop = () => call<ProxyState>('POST', '/admin/proxy/stop');
