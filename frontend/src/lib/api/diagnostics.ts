import { call } from './client';
import type { Capture, Check, Next, Recording, RequestBodies, RequestDoctor } from './types.gen';

export const selfTest = () => call<Check[]>('GET', '/admin/selftest');
/** Who would serve a request now, and why each other account would not. */
export const next = () => call<Next>('GET', '/admin/accounts/next');
export const doctor = (id: string) => call<RequestDoctor>('GET', `/admin/requests/${encodeURIComponent(id)}/doctor`);

export const startRecording = (minutes: number) => call<Recording>('POST', '/admin/recording', { minutes });
export const stopRecording = () => call<Recording>('POST', '/admin/recording/stop');
export const deleteRecording = () => call<Recording>('DELETE', '/admin/recording');
export const bodies = (id: string) => call<RequestBodies>('GET', `/admin/requests/${encodeURIComponent(id)}/bodies`);

export const captures = () => call<Capture[]>('GET', '/admin/captures');
export const startCapture = (minutes: number) => call<Capture>('POST', '/admin/captures', { minutes });
export const stopCapture = () => call<void>('POST', '/admin/captures/stop');
export const removeCapture = (name: string) => call<void>('DELETE', `/admin/captures/${encodeURIComponent(name)}`);
export const captureAddress = (name: string) => `/admin/captures/${encodeURIComponent(name)}`;
