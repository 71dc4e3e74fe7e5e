import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { scaleTop, shoulders } from './bars';
import CopyButton from './CopyButton.svelte';
import TextInput from './TextInput.svelte';

describe('a text input', () => {
  const input = () => screen.getByRole<HTMLInputElement>('textbox');

  it('leaves the text alone while an input method composes it', async () => {
    const { rerender } = render(TextInput, { value: 'a' });
    await fireEvent.compositionStart(input());
    input().value = 'ani';
    await fireEvent.input(input());
    await rerender({ value: 'from elsewhere' });
    expect(input().value).toBe('ani');
    input().value = 'a你';
    await fireEvent.compositionEnd(input());
    expect(input().value).toBe('a你');
  });

  it('does not submit with the Enter that confirms a composition', async () => {
    const onkeydown = vi.fn();
    render(TextInput, { value: '', onkeydown });
    const confirmed = await fireEvent.keyDown(input(), { key: 'Enter', isComposing: true });
    // WebKit says so only by the old key code.
    const confirmedInWebKit = await fireEvent.keyDown(input(), { key: 'Enter', keyCode: 229 });
    expect([confirmed, confirmedInWebKit]).toEqual([false, false]);
    expect(onkeydown).not.toHaveBeenCalled();
    expect(await fireEvent.keyDown(input(), { key: 'Enter' })).toBe(true);
  });
});

describe('a copy button', () => {
  it('shows a tick only after it worked, for a moment', async () => {
    vi.useFakeTimers();
    const copy = vi.fn().mockResolvedValueOnce(false).mockResolvedValueOnce(true);
    render(CopyButton, { label: 'Copy', doneLabel: 'Copied', copy, worded: true });
    const button = screen.getByRole('button');
    await fireEvent.click(button);
    expect(button.textContent).toContain('Copy');
    await fireEvent.click(button);
    expect(button.textContent).toContain('Copied');
    await vi.advanceTimersByTimeAsync(1400);
    expect(button.textContent).not.toContain('Copied');
    vi.useRealTimers();
  });
});

describe('the bars', () => {
  const column = (good: number, bad = 0) => ({ at: '', good, bad });

  it.each([
    [[], 2],
    [[column(1)], 2],
    [[column(3)], 4],
    [[column(30, 8)], 40],
    [[column(41)], 60],
    [[column(970, 40)], 2000],
  ])('leave room above the tallest (%#)', (columns, top) => expect(scaleTop(columns)).toBe(top));

  it('stay inside their column when they are flat', () => {
    expect(shoulders(0, 99, 10, 1)).toBe('M0 100V100q0 -1 1 -1h8q1 0 1 1V100z');
  });
});
