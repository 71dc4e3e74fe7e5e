import * as api from '../api/accounts';
import type { Login, LoginStart } from '../api/types.gen';
import { Resource } from './resource.svelte';

/** Whether a sign-in needs its person. */
export const waitsForPerson = ({ state }: Login) => state === 'waiting' || state === 'choosing';

/** The sign-ins under way, and for a while those that ended. They go on by themselves. */
export class Logins {
  #all = new Resource<Login[]>(api.logins);
  // What was asked for, so that it can be asked for again when its code has expired.
  #asked = new Map<string, Partial<LoginStart>>();

  load = () => this.#all.load();

  forget(): void {
    this.#all.forget();
    this.#asked.clear();
  }

  get list(): Login[] | null {
    return this.#all.value;
  }

  get underWay(): Login[] {
    return (this.list ?? []).filter((login) => waitsForPerson(login) || login.state === 'finishing');
  }

  find(id: string): Login | undefined {
    return this.list?.find((login) => login.id === id);
  }

  /** Begins one. Throws ApiError if it cannot begin. */
  async start(wanted: Partial<LoginStart>): Promise<Login> {
    const login = await api.startLogin(wanted as LoginStart);
    this.#asked.set(login.id, wanted);
    return this.#take(login);
  }

  /** What a sign-in was started with; undefined if that is not known here, as after a reload. */
  asked({ id, service, account_id, method, name }: Login): Partial<LoginStart> | undefined {
    if (account_id > 0) return { account_id, service };
    return this.#asked.get(id) ?? (method === 'builder_id' ? { service, method, name } : undefined);
  }

  choose = async (id: string, profileARN: string) => this.#take(await api.chooseProfile(id, profileARN));
  cancel = async (id: string) => this.#take(await api.cancelLogin(id));

  #take(login: Login): Login {
    this.#all.put([login, ...(this.list ?? []).filter(({ id }) => id !== login.id)]);
    return login;
  }
}
