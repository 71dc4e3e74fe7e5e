import type { NewKey } from '$lib/api/types.gen';

/** The text of a key while it is shown. It lives here for as long as that, and nowhere else. */
export class Once {
  made = $state.raw<NewKey | null>(null);
  copied = $state(false);
  /** Whether closing was tried before copying. */
  warned = $state(false);

  /** A text that was not copied is lost, so the first attempt to close says that. */
  mayClose(): boolean {
    if (this.made && !this.copied && !this.warned) {
      this.warned = true;
      return false;
    }
    this.forget();
    return true;
  }

  forget(): void {
    this.made = null;
    this.copied = this.warned = false;
  }
}
