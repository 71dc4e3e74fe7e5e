import { render } from '@testing-library/svelte';
import type { Component } from 'svelte';

import { App } from '$lib/state/app.svelte';

import Stage from './Stage.svelte';

/** Shows a view with everything the page knows, loaded from what serve() answers. */
export async function stage(view: Component<never>, props: Record<string, unknown> = {}): Promise<App> {
  const app = new App();
  app.session.state = 'in';
  await app.load();
  render(Stage, { props: { app, view, props } });
  return app;
}
