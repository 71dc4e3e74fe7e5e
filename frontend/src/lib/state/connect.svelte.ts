import * as api from '../api/connect';
import type { ConnectPlan, ConnectTool } from '../api/types.gen';
import { Resource } from './resource.svelte';

/** How the tools on the program's computer stand to it, and what can be written into their settings. */
export class Connect {
  #all = new Resource<ConnectTool[]>(api.tools);

  load = () => this.#all.load();
  forget = () => this.#all.forget();

  get list(): ConnectTool[] | null {
    return this.#all.value;
  }

  get error() {
    return this.#all.error;
  }

  /** Those in which something of ours can be taken back. */
  get undoable(): ConnectTool[] {
    return this.list?.filter((tool) => tool.can_undo) ?? [];
  }

  find(id: string): ConnectTool | undefined {
    return this.list?.find((tool) => tool.id === id);
  }

  plan = api.plan;
  verify = api.verify;

  /** Writes a plan. Throws ApiError: "conflict" if a file is no longer as it was planned for. */
  async write(id: string, { model, files }: ConnectPlan): Promise<void> {
    this.#take(await api.write(id, { model, digests: files.map(({ digest }) => digest) }));
  }

  undo = async (id: string) => this.#take(await api.undo(id));
  undoAll = async () => this.#all.put(await api.undoAll());

  #take(tool: ConnectTool): void {
    this.#all.put((this.list ?? []).map((other) => (other.id === tool.id ? tool : other)));
  }
}
