import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Leaving } from '$lib/desktop';

import LeaveDialog from './LeaveDialog.svelte';

/** Opens the dialog inside a window that asks, and keeps what the page says to it. */
function inWindow() {
  const said: string[] = [];
  let ask: (question: Leaving) => void = () => {};
  Object.assign(window, {
    runtime: {
      EventsOn: (_: string, heard: typeof ask) => {
        ask = heard;
        return vi.fn();
      },
      EventsEmit: (name: string, answer: string) => said.push(`${name} ${answer}`),
    },
  });
  render(LeaveDialog);
  const question = { answers: 0, minimise: false, waiting: false, dismissed: false };
  return { said, ask: (change: Partial<Leaving>) => ask({ ...question, ...change }) };
}

const buttons = () => screen.getAllByRole('button').map((button) => button.textContent.trim());

describe('the question whether to quit', () => {
  afterEach(() => delete (window as { runtime?: unknown }).runtime);

  it('offers to minimise where there is no tray', async () => {
    const { said, ask } = inWindow();
    ask({ minimise: true });
    expect(await screen.findByText('Quit AMQ2API?')).toBeTruthy();
    expect(buttons()).toEqual(['', 'Do not quit', 'Minimise', 'Quit']);
    await fireEvent.click(screen.getByText('Minimise'));
    expect(said).toEqual(['leaving:answer seen', 'leaving:answer minimise']);
    await vi.waitFor(() => expect(screen.queryByText('Quit AMQ2API?')).toBeNull());
  });

  it('stays open while it waits, and says for how many', async () => {
    const { said, ask } = inWindow();
    ask({ answers: 3 });
    expect(await screen.findByText('3 answers are under way')).toBeTruthy();
    await fireEvent.click(screen.getByText('Wait, then quit'));
    ask({ answers: 2, waiting: true });
    expect(await screen.findByText('Waiting for 2 answers')).toBeTruthy();
    expect(buttons()).toEqual(['', 'Do not quit', 'Quit now']);
    await fireEvent.click(screen.getByText('Quit now'));
    expect(said.filter((word) => !word.endsWith('seen'))).toEqual(['leaving:answer wait', 'leaving:answer quit']);
  });

  it('goes when the user stays', async () => {
    const { said, ask } = inWindow();
    ask({ answers: 1, waiting: true });
    await fireEvent.click(await screen.findByText('Do not quit'));
    ask({ answers: 1, waiting: true, dismissed: true });
    await vi.waitFor(() => expect(screen.queryByText('Waiting for 1 answer')).toBeNull());
    expect(said).toContain('leaving:answer stay');
  });
});
