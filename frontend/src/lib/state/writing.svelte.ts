import { ApiError } from '../api/client';
import type { ConnectNoteCode, ConnectPlan, ConnectTrial } from '../api/types.gen';
import type { Connect } from './connect.svelte';
import { explain } from './words';

const left: ReadonlySet<ConnectNoteCode> = new Set(['restart', 'new_terminals', 'overridden']);

type Deed = 'plan' | 'write' | 'undo' | 'verify';

/** Connecting one tool: what would be written is looked at, written, tried, and taken back. Nothing here rejects; what failed is in failure. */
export class Writing {
  plan = $state.raw<ConnectPlan | null>(null);
  trial = $state.raw<ConnectTrial | null>(null);
  /** What is left for the person to do after it was written. */
  after = $state.raw<Pick<ConnectPlan, 'notes' | 'detail'> | null>(null);
  busy = $state<Deed | ''>('');
  failure = $state('');
  /** A file changed after it was planned for, so nothing was written; the plan is a new one. */
  overtaken = $state(false);
  #connect: Connect;
  #tool: string;
  #asked = 0;
  #begun = 0;

  constructor(connect: Connect, tool: string) {
    this.#connect = connect;
    this.#tool = tool;
  }

  /** Asks what would be written with a model; empty is the settings' default. Of several questions the last counts. */
  show(model: string): Promise<boolean> {
    const asked = ++this.#asked;
    return this.#do('plan', async () => {
      const plan = await this.#connect.plan(this.#tool, model);
      if (asked !== this.#asked) return false;
      this.overtaken = false;
      this.trial = null;
      this.plan = plan;
      return true;
    });
  }

  leave(): void {
    this.#asked++;
    this.plan = null;
    this.failure = '';
  }

  /** Writes what is shown, and answers whether it was written. */
  write = () => this.#do('write', () => this.#write(this.plan!));

  async #write(plan: ConnectPlan): Promise<boolean> {
    try {
      await this.#connect.write(this.#tool, plan);
      this.plan = null;
      this.after = { detail: plan.detail, notes: plan.notes.filter((note) => left.has(note)) };
      return true;
    } catch (error) {
      this.plan = null;
      if (!(error instanceof ApiError) || error.code !== 'conflict') throw error;
      this.plan = await this.#connect.plan(this.#tool, plan.model);
      this.overtaken = true;
      return false;
    }
  }

  verify = () =>
    this.#do('verify', async () => {
      this.trial = null;
      this.trial = await this.#connect.verify(this.#tool);
      return this.trial.ok;
    });

  undo = () =>
    this.#do('undo', async () => {
      this.trial = null;
      await this.#connect.undo(this.#tool);
      return true;
    });

  async #do(deed: Deed, run: () => Promise<boolean>): Promise<boolean> {
    const begun = ++this.#begun;
    this.busy = deed;
    this.failure = '';
    try {
      return await run();
    } catch (error) {
      this.failure = explain(error);
      // A refusal often means that something has changed.
      void this.#connect.load();
      return false;
    } finally {
      if (begun === this.#begun) this.busy = '';
    }
  }
}
