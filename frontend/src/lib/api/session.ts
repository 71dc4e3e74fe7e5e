import { call } from './client';
import type { HandoverCode, Session, SignIn } from './types.gen';

export const get = () => call<Session>('GET', '/admin/session');
export const signIn = (proof: SignIn) => call<Session>('POST', '/admin/session', proof);
export const signOut = () => call<void>('DELETE', '/admin/session');
export const handover = () => call<HandoverCode>('POST', '/admin/session/handover');
