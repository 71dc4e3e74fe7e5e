import { MediaQuery } from 'svelte/reactivity';

/** Whether the sidebar shows its words; the same width as the breakpoint "wide". */
export const worded = new MediaQuery('min-width: 62.5rem');
