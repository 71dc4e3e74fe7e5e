import { ApiError } from '../api/client';
import { send, type Dialect, type Trial as Outcome } from '../api/trial';

/** A test request through the dialect of a tool, and how it went. */
export class Trial {
  busy = $state(false);
  outcome = $state.raw<Outcome | null>(null);
  error = $state.raw<ApiError | null>(null);

  /** Never rejects; a failure is in error. */
  async run(dialect: Dialect, model: string): Promise<void> {
    this.busy = true;
    this.outcome = this.error = null;
    try {
      this.outcome = await send(dialect, model);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.error = error;
    } finally {
      this.busy = false;
    }
  }
}
