import { call } from './client';
import type { ConnectPlan, ConnectStart, ConnectTool, ConnectTrial } from './types.gen';

const at = (tool: string) => `/admin/connect/${encodeURIComponent(tool)}`;

export const tools = () => call<ConnectTool[]>('GET', '/admin/connect');
/** What would be written; an empty model is the settings' default. */
export const plan = (tool: string, model: string) => call<ConnectPlan>('POST', `${at(tool)}/plan`, { model });
/** Writes what was planned, unless a file has changed since: "conflict". */
export const write = (tool: string, start: ConnectStart) => call<ConnectTool>('POST', at(tool), start);
export const undo = (tool: string) => call<ConnectTool>('DELETE', at(tool));
export const undoAll = () => call<ConnectTool[]>('DELETE', '/admin/connect');
/** Sends a request as the tool would, with what is in its files. */
export const verify = (tool: string) => call<ConnectTrial>('POST', `${at(tool)}/verify`);
