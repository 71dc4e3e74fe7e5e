import { describe, expect, it } from 'vitest';

import { dialects, snapshot, type Answer, type Dialect } from './answer';
import { pieces } from './fences';
import { bodyOf, curlOf, type Turn, type Wishes } from './question';
import { readerOf } from './readers';
import { SseReader, type SseEvent } from './sse';

// Answers that the program gave to questions in each dialect.
const samples = import.meta.glob<string>('../../testing/streams/*', { query: '?raw', import: 'default', eager: true });
const sample = (name: string) => samples[`../../testing/streams/${name}`]!;

/** Reads a text whose bytes are cut into parts of a size. */
function events(text: string, size: number): SseEvent[] {
  const bytes = new TextEncoder().encode(text);
  const reader = new SseReader();
  const found: SseEvent[] = [];
  for (let at = 0; at < bytes.length; at += size) found.push(...reader.push(bytes.subarray(at, at + size)));
  return found;
}

function read(dialect: Dialect, name: string, size = 1 << 20): Answer {
  const reader = readerOf(dialect);
  for (const event of events(sample(name), size)) reader.take(event);
  return reader.answer;
}

const said = (answer: Answer) =>
  answer.parts.map((part) => (part.kind === 'call' ? [part.name, part.input] : [part.kind, part.text]));
const everything = [
  ['thinking', 'The user wants 天气.'],
  ['text', 'I will look. Ich schaue 😀.'],
  ['get_weather', '{"city":"Łódź"}'],
  ['get_weather', '{"city":"東京"}'],
];
const stops = { anthropic: 'tool_use', openai: 'tool_calls', responses: 'completed' };

describe('server-sent events', () => {
  it('are the same wherever the bytes are cut and however lines end', () => {
    const text = ': hello\n\nevent: a\ndata: 1\n\ndata:2\ndata\ndata:  ü😀\nid: 5\n\nevent: empty\n\ndata: cut';
    const want = [
      { name: 'a', data: '1' },
      { name: '', data: '2\n\n ü😀' },
    ];
    for (const ending of ['\n', '\r\n', '\r']) {
      const spoken = text.replaceAll('\n', ending);
      for (let size = 1; size <= spoken.length + 9; size++) expect(events(spoken, size)).toEqual(want);
    }
  });
});

describe.each(dialects)('an answer in %s', (dialect) => {
  it('is read from its stream, wherever it is cut', () => {
    const whole = read(dialect, `${dialect}-tools.sse`);
    expect(said(whole)).toEqual(everything);
    expect(whole).toMatchObject({
      model: 'claude-sonnet-4.5',
      stop: stops[dialect],
      error: '',
      ended: true,
      output: 36,
    });
    for (const size of [1, 2, 3, 7, 64, 1000]) expect(read(dialect, `${dialect}-tools.sse`, size)).toEqual(whole);
  });

  it('is the same in one piece', () => {
    const reader = readerOf(dialect);
    reader.whole(JSON.parse(sample(`${dialect}-tools.json`)));
    expect(said(reader.answer)).toEqual(everything);
    expect(reader.answer).toMatchObject({ stop: stops[dialect], ended: true, input: 2, output: 36 });
  });

  it('that broke off has a sentence and no end', () => {
    const answer = read(dialect, `${dialect}-cut.sse`);
    expect(said(answer).flat().join('')).toContain('textHalf');
    expect(answer.error).toMatch(/Amazon Q/);
    expect(answer.ended).toBe(false);
  });

  it('that was refused has the sentence', () => {
    const reader = readerOf(dialect);
    reader.whole(JSON.parse(sample(`${dialect}-refused.json`)));
    expect(reader.answer).toMatchObject({
      error: 'prompt is too long: 200001 tokens > 200000 maximum',
      ended: false,
      parts: [],
    });
  });

  it('survives what is no answer', () => {
    const reader = readerOf(dialect);
    for (const data of [
      '',
      '{',
      'null',
      '5',
      '[]',
      '{"type":null}',
      '{"choices":[null]}',
      '{"error":null}',
      '{"type":"content_block_delta","index":9}',
    ])
      reader.take({ name: '', data });
    for (const body of [undefined, null, 5, 'x', [], {}]) readerOf(dialect).whole(body);
    expect(reader.answer).toMatchObject({ parts: [], error: '', ended: false });
  });

  it('does not change once it was shown', () => {
    const reader = readerOf(dialect);
    const all = events(sample(`${dialect}-tools.sse`), 50);
    all.slice(0, 8).forEach((event) => reader.take(event));
    const shown = snapshot(reader.answer);
    const before = JSON.stringify(shown);
    all.slice(8).forEach((event) => reader.take(event));
    expect(JSON.stringify(shown)).toBe(before);
  });
});

describe('a question', () => {
  const wishes: Wishes = { model: 'm', system: 'Be brief.', stream: true, maxTokens: 0, thinking: true, tool: true };
  const picture = { media: 'image/png', data: 'AAAA' };
  const turns: Turn[] = [
    { by: 'user', text: 'Look.', pictures: [picture], results: [] },
    {
      by: 'model',
      parts: [
        { kind: 'thinking', text: 'hm' },
        { kind: 'text', text: 'I look.' },
        { kind: 'call', id: '1', name: 'get_weather', input: '{"city":"Oslo"}' },
      ],
    },
    { by: 'user', text: '', pictures: [], results: [{ id: '1', text: 'rain', failed: true }] },
  ];

  it.each(dialects)('has everything in %s, and never the thinking', (dialect) => {
    const text = JSON.stringify(bodyOf(dialect, wishes, turns));
    for (const part of ['"m"', 'Be brief.', 'Look.', 'AAAA', 'I look.', 'Oslo', 'rain', '"stream":true', 'get_weather'])
      expect(text).toContain(part);
    expect(text).not.toContain('hm');
  });

  it.each(dialects)('leaves out in %s what is not wished', (dialect) => {
    const plain: Wishes = { ...wishes, system: '', stream: false, thinking: false, tool: false };
    const body = bodyOf(dialect, plain, [{ by: 'user', text: 'hi', pictures: [], results: [] }]);
    expect(Object.keys(body).sort()).toEqual(
      {
        anthropic: ['max_tokens', 'messages', 'model'],
        openai: ['messages', 'model'],
        responses: ['input', 'model', 'store'],
      }[dialect],
    );
  });

  it('takes a cut call for one without arguments where an object is needed', () => {
    const cut: Turn = { by: 'model', parts: [{ kind: 'call', id: '1', name: 'f', input: '{"a' }] };
    expect(bodyOf('anthropic', wishes, [cut])).toMatchObject({ messages: [{ content: [{ input: {} }] }] });
  });

  it('is copied for a terminal with a placeholder for the key and quotes that hold', () => {
    const text = curlOf('openai', `{"stream":true,"q":"it's"}`, 'http://127.0.0.1:8080');
    expect(text).toContain('curl -N http://127.0.0.1:8080/v1/chat/completions');
    expect(text).toContain('$AMQ2API_KEY');
    expect(text).toContain(String.raw`it'\''s`);
  });
});

describe('code in an answer', () => {
  it('is told from text, also before its end is there', () => {
    expect(pieces('Try\n```go\na\n\n  b\n```\n\nand\n````\n```\n')).toEqual([
      { code: false, language: '', text: 'Try' },
      { code: true, language: 'go', text: 'a\n\n  b' },
      { code: false, language: '', text: 'and' },
      { code: true, language: '', text: '```\n' },
    ]);
    expect(pieces('no ```code``` here')).toEqual([{ code: false, language: '', text: 'no ```code``` here' }]);
    expect(pieces('')).toEqual([]);
    expect(pieces('```')).toEqual([{ code: true, language: '', text: '' }]);
  });
});
