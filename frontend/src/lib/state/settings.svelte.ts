import * as api from '../api/settings';
import type { ProxyTrial, Settings as Values, UpstreamProxy } from '../api/types.gen';
import { Resource } from './resource.svelte';

/** What the user chose for the program. */
export class Settings {
  #values = new Resource<Values>(api.get);
  #proxy = new Resource<UpstreamProxy>(api.upstreamProxy);

  load = async () => void (await Promise.all([this.#values.load(), this.#proxy.load()]));

  /** Without what only the screen of settings shows. */
  loadValues = () => this.#values.load();

  forget(): void {
    this.#values.forget();
    this.#proxy.forget();
  }

  get values(): Values | null {
    return this.#values.value;
  }

  get error() {
    return this.#values.error ?? this.#proxy.error;
  }

  get proxyHasPassword(): boolean {
    return this.#proxy.value?.has_password ?? false;
  }

  /** Changes some of them. Throws ApiError if they cannot be meant; then nothing has changed. */
  change = async (changed: Partial<Values>) => this.#values.put(await api.put(changed));

  keepProxyPassword = async (password: string) => this.#proxy.put(await api.putProxyPassword(password));

  tryProxy = (url: string, password: string): Promise<ProxyTrial> => api.tryProxy(url, password);
}
