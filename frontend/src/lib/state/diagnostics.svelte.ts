import { resume } from '../api/accounts';
import * as api from '../api/diagnostics';
import type { Capture, Check, Next, RequestBodies, RequestDoctor } from '../api/types.gen';
import { Resource } from './resource.svelte';

/** What the program says about itself: the self-test, whose turn it is, and the conversations it keeps for a look. */
export class Diagnostics {
  #checks = new Resource<Check[]>(api.selfTest);
  #next = new Resource<Next>(api.next);
  #captures = new Resource<Capture[]>(api.captures);

  load = async () => void (await Promise.all([this.#checks.load(), this.#next.load(), this.#captures.load()]));
  loadChecks = () => this.#checks.load();
  loadNext = () => this.#next.load();
  loadCaptures = () => this.#captures.load();

  forget(): void {
    for (const part of [this.#checks, this.#next, this.#captures]) part.forget();
  }

  get checks() {
    return this.#checks;
  }

  get next() {
    return this.#next;
  }

  get captures() {
    return this.#captures;
  }

  /** What the doctor says of a request, to be loaded. */
  doctor = (id: string) => new Resource<RequestDoctor>(() => api.doctor(id));

  /** What was recorded of a request, to be loaded. */
  bodies = (id: string) => new Resource<RequestBodies>(() => api.bodies(id));

  // The program's state says whether bodies are recorded, and is fetched again when that changes.
  startRecording = api.startRecording;
  stopRecording = api.stopRecording;
  deleteRecording = api.deleteRecording;

  /** Ends a pause of the whole pool. */
  async resume(): Promise<void> {
    await resume();
    await this.#next.load();
  }

  captureAddress = api.captureAddress;

  async startCapture(minutes: number): Promise<void> {
    await api.startCapture(minutes);
    await this.#captures.load();
  }

  async stopCapture(): Promise<void> {
    await api.stopCapture();
    await this.#captures.load();
  }

  async removeCapture(name: string): Promise<void> {
    await api.removeCapture(name);
    await this.#captures.load();
  }
}
