import { m } from '$words';

import { failed } from './toast';

/** Changes something at once; what cannot be kept is told and stays as it was. */
export async function attempt(change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    failed(m.shell_not_saved(), error);
  }
}
